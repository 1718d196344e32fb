// Takes screenshots of every page of the edition for manual review: `npm run pictures` writes them to out/.
import { WIDTHS, folder, launch, open } from './support/browser.mjs';
import { edition, output, pages } from './support/sites.mjs';

const looks = WIDTHS.flatMap((width) => ['light', 'dark'].map((colorScheme) => ({ width, colorScheme })));
const browser = await launch();
for (const { width, ...look } of [...looks, { width: 1440, javaScriptEnabled: false }]) {
  const page = await open(browser, width, look);
  for (const file of pages(edition())) {
    await page.goto(folder(edition()).base + file);
    await page.screenshot({ path: output(file, `${width}-${look.colorScheme ?? 'no-scripts'}.png`), fullPage: true });
  }
  await page.context().close();
}
await browser.close();
