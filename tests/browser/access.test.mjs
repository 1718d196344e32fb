// Accessibility: axe-core reports no violations on any page, in light and dark mode, in narrow and wide windows.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { AXE } from './support/axe.mjs';
import { folder, launch, open } from './support/browser.mjs';
import { dense, edition, pages } from './support/sites.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

for (const [name, site, chosen] of [['edition', edition, pages], ['dense', dense, () => ['notes-50/index.html']]]) {
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [390, 1440]) {
      describe(`${name}, ${colorScheme}, ${width}px`, () => {
        test('axe reports no violations', () => accessible(site(), chosen(site()), { width, colorScheme }));
      });
    }
  }
}

async function accessible(site, paths, { width, colorScheme }) {
  // Light and dark pages differ only in their colours.
  const rules = colorScheme === 'dark' ? { runOnly: ['color-contrast', 'link-in-text-block'] } : { rules: { 'target-size': { enabled: true } } };
  const page = await open(browser, width, { colorScheme });
  await page.addInitScript(AXE);
  for (const path of paths) {
    await page.goto(folder(site).base + path);
    assert.deepEqual(await page.evaluate(violations, rules), [], path);
    await page.evaluate(openAll);
    assert.deepEqual(await page.evaluate(violations, rules), [], `${path}, all notes open`);
  }
  await page.context().close();
}

/** Opens all details elements. */
function openAll() {
  for (const details of document.querySelectorAll('details')) {
    details.removeAttribute('name');
    details.open = true;
  }
}

async function violations(rules) {
  const { violations } = await window.axe.run(document, { ...rules, resultTypes: ['violations'] });
  return violations.map(({ id, help, nodes }) => {
    const places = nodes.slice(0, 3).map((node) => `${node.target.join(' ')}: ${node.any[0]?.message ?? ''}`);
    return `${id}: ${help} (${nodes.length}): ${places.join('; ')}`;
  });
}
