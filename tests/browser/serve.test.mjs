// `postil serve --edit`: notes on selected words, live reload, errors shown above the page.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { AXE } from './support/axe.mjs';
import { launch, open } from './support/browser.mjs';
import { selectWords } from './support/select.mjs';
import { POSTIL } from './support/sites.mjs';

const filler = Array.from({ length: 60 }, (_, at) => `Paragraph ${at + 1} says a little more about the lamp, and no more.\n\n`);
const TEXT = `# Lamps

Our lamp is *clinically proven* to help. A lamp may help. Nobody has said that a lamp may harm.

${filler.join('')}The last lamp 💡 of all may help too.
`;

let browser;
let site;
let server;
let base;

before(async () => {
  browser = await launch();
  site = fs.mkdtempSync(path.join(os.tmpdir(), 'postil serve é '));
  write('site.toml', 'title = "Lamps"\n');
  write('sources/lamps.md', TEXT);
  write('annotations/lamps.md', '## Proven? {#proven .marketing-claim}\n\n> clinically proven\n\nBy nobody.\n');
  server = spawn(POSTIL, ['serve', site, '--port', '0', '--edit'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const lines = readline.createInterface({ input: server.stdout });
  const [first] = await new Promise((ready) => lines.once('line', (...line) => ready(line)));
  base = first.match(/http:\S+/)[0];
});
after(async () => {
  server?.kill();
  await browser?.close();
  fs.rmSync(site, { recursive: true, force: true });
});

const write = (file, text) => {
  fs.mkdirSync(path.dirname(path.join(site, file)), { recursive: true });
  fs.writeFileSync(path.join(site, file), text);
};
const layer = () => fs.readFileSync(path.join(site, 'annotations/lamps.md'), 'utf8');

/** Asserts that axe reports no violations in a part of the page. */
const accessible = async (page, part) => {
  await page.evaluate(AXE);
  const found = await page.evaluate(async (part) => (await window.axe.run(part)).violations.map(({ id }) => id), part);
  assert.deepEqual(found, []);
};

describe('a note on selected words', () => {
  const cases = [
    ['may help', 2, /> (\*\*|<b>)?may help|may help/],
    ['is clinically proven to', 1, /> is clinically proven to/],
    ['lamp 💡 of all', 1, /> lamp 💡 of all/],
    ['help. A lamp may help.', 1, /help\. A lamp may help\./],
  ];
  for (const [at, [words, occurrence]] of cases.entries()) {
    test(words, async () => {
      const page = await open(browser, at % 2 ? 390 : 1440);
      await page.goto(`${base}lamps/index.html`);
      const before = layer();
      await selectWords(page, words, occurrence);
      await page.getByRole('button', { name: 'Write a note' }).click();
      await page.getByRole('dialog').getByLabel('Verdict').selectOption('unsupported');
      await page.getByLabel('Title').fill(`On ${at}`);
      await page.getByLabel('Note (Markdown)').fill('Nobody has **shown** it.');
      await page.getByRole('button', { name: 'Save note' }).click();
      const note = page.locator(`#note-on-${at}`);
      await note.waitFor();
      assert.match(await note.textContent(), /Nobody has shown it/);
      assert.ok(layer().startsWith(before), 'nothing else in the layer changed');
      const marked = await page.locator(`mark[data-notes~="on-${at}"]`).allTextContents();
      assert.equal(marked.join(''), words);
      const place = await page.evaluate(id => {
        const first = document.querySelector(`mark[data-notes~="${id}"]`);
        const before = document.createRange();
        before.setStart(document.getElementById('source'), 0);
        before.setEndBefore(first);
        return before.toString().length;
      }, `on-${at}`);
      const text = await page.evaluate(() => document.getElementById('source').textContent);
      let expected = -1;
      for (let i = 0; i < occurrence; i++) expected = text.indexOf(words, expected + 1);
      assert.equal(place, expected, 'the occurrence that was selected');
      await page.context().close();
    });
  }

  test('if a note is refused, the reason is shown and the form keeps its contents', async () => {
    const page = await open(browser, 1440);
    await page.goto(`${base}lamps/index.html`);
    await selectWords(page, 'Nobody has said');
    await page.getByRole('button', { name: 'Write a note' }).waitFor();
    await page.keyboard.press('n');
    await page.getByLabel('Note (Markdown)').fill('> a quote first');
    await page.getByRole('button', { name: 'Save note' }).click();
    await page.getByText('begin the text with your own words').waitFor();
    // If another program saves the layer in the meantime, the form keeps its contents.
    write('annotations/lamps.md', `${layer()}\n<!-- seen -->\n`);
    await page.waitForTimeout(400);
    assert.equal(await page.getByLabel('Note (Markdown)').inputValue(), '> a quote first');
    await accessible(page, '.postil-form');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.context().close();
  });
});

describe('live reload', () => {
  test('keeps the reading position', async () => {
    const page = await open(browser, 1440);
    await page.goto(`${base}lamps/index.html`);
    const top = () => page.locator('#p-40').evaluate((block) => Math.round(block.getBoundingClientRect().top));
    await page.locator('#p-40').evaluate((block) => scrollTo(0, scrollY + block.getBoundingClientRect().top - 100));
    const before = await top();
    const loaded = page.waitForEvent('load');
    write('sources/lamps.md', TEXT.replace('Paragraph 3 says', 'Paragraph 3, which has become a good deal longer than it was, says '.repeat(20)));
    await loaded;
    await page.waitForFunction((before) => Math.abs(document.getElementById('p-40').getBoundingClientRect().top - before) < 3, before);
    await page.context().close();
  });

  test('shows an error above the last valid page until it is corrected', async () => {
    const page = await open(browser, 820);
    await page.goto(`${base}lamps/index.html`);
    const good = layer();
    write('annotations/lamps.md', good.replace('> clinically proven', '> clinically prooven'));
    const box = page.locator('.postil-problems');
    await box.waitFor();
    assert.match(await box.textContent(), /1 error.*anchor\.orphan.*annotations\/lamps\.md:3/s);
    assert.equal(await page.locator('mark[data-notes~="proven"]').count(), 1, 'the page is the last valid one');
    await accessible(page, '.postil-problems');
    write('annotations/lamps.md', good);
    await box.waitFor({ state: 'hidden' });
    await page.context().close();
  });
});
