// What scripts add: notes filtered, gone through by key, and linked to. The built-in theme's own.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { faults, folder, launch, open } from './support/browser.mjs';
import { edition } from './support/sites.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** How many notes and references to them are to be seen, and of which kinds. */
function shown() {
  const shows = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getBoundingClientRect().height > 1;
  const visible = (selector) => [...document.querySelectorAll(selector)].filter(shows);
  const ids = visible('details:has(> [data-note])').map((box) => box.querySelector('[data-note]').dataset.kind);
  return { notes: ids.length, references: visible('#source a.note-ref').length, kinds: [...new Set(ids)].sort() };
}

describe('lenses', () => {
  let page, found;
  beforeEach(async () => {
    page = await open(browser, 1440);
    found = faults(page, folder(edition()).base);
    await page.goto(folder(edition()).base + 'kratom-gad/index.html');
  });
  const done = async () => {
    assert.deepEqual(found, []);
    await page.context().close();
  };

  test('take away a kind and count the rest; the address keeps it', async () => {
    const all = await page.evaluate(shown);
    await page.locator('.lenses [name="kind"]').first().uncheck();
    const fewer = await page.evaluate(shown);
    assert.equal(fewer.kinds.length, all.kinds.length - 1);
    assert.ok(fewer.references < all.references);
    assert.match(await page.locator('.lenses output').innerText(), new RegExp(`\\b${fewer.notes}\\b.*\\b${all.notes}\\b`));
    await page.reload();
    assert.deepEqual(await page.evaluate(shown), fewer);
    await page.locator('.lenses [name="kind"]').first().check();
    assert.deepEqual(await page.evaluate(shown), all);
    await done();
  });

  test('show one verdict alone', async () => {
    const option = page.locator('.lenses select[name="verdict"] option:not([value=""])').first();
    const count = Number((await option.innerText()).match(/\((\d+)\)/)[1]);
    await page.locator('.lenses select[name="verdict"]').selectOption(await option.getAttribute('value'));
    assert.equal((await page.evaluate(shown)).notes, count);
    await done();
  });

  test('show the text alone, with nothing marked', async () => {
    await page.locator('.lenses select[name="view"]').selectOption('text');
    const { notes, references } = await page.evaluate(shown);
    assert.deepEqual([notes, references], [0, 0]);
    const lines = await page.evaluate(() => [...document.querySelectorAll('#source mark')].map((mark) => getComputedStyle(mark).textDecorationLine));
    assert.ok(lines.every((line) => line === 'none'));
    await done();
  });

  test('a link to a note that a lens hides shows it all the same', async () => {
    const kind = await page.locator('[data-note]').nth(5).getAttribute('data-kind');
    const id = await page.locator('[data-note]').nth(5).getAttribute('id');
    await page.locator(`.lenses [name="kind"][value="${kind}"]`).uncheck();
    assert.ok(!(await page.locator(`[id="${id}"]`).isVisible()));
    await page.evaluate((id) => (location.hash = id), id);
    assert.ok(await page.locator(`[id="${id}"]`).isVisible());
    await done();
  });
});

test('j and k go through the notes, ? tells of the keys, Escape closes', async () => {
  const page = await open(browser, 1440);
  await page.goto(folder(edition()).base + 'kratom-gad/index.html');
  const order = await page.evaluate(() => [...document.querySelectorAll('[data-note]')].map((note) => note.id));
  const here = () => page.evaluate(() => decodeURIComponent(location.hash.slice(1)));
  await page.keyboard.press('j');
  const first = order.indexOf(await here());
  assert.ok(first >= 0);
  await page.keyboard.press('j');
  assert.equal(await here(), order[first + 1]);
  assert.ok(await page.locator(`[id="${order[first + 1]}"]`).isVisible());
  await page.keyboard.press('k');
  assert.equal(await here(), order[first]);
  await page.keyboard.press('?');
  assert.ok(await page.locator('dialog[open]').isVisible());
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('dialog[open]').count(), 0);
  await page.context().close();
});
