// The text stays where it is: choosing a passage opens its note beside it, and moves no line of the text.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { WIDTHS, folder, launch, open } from './support/browser.mjs';
import { dense, edition, readers } from './support/sites.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

describe('the text does not move', { concurrency: 4 }, () => {
  for (const width of WIDTHS) {
    test(`when a passage is clicked at ${width}px`, async () => {
      const page = await open(browser, width, { height: width < 500 ? 664 : 900 });
      for (const path of readers(edition())) {
        await page.goto(folder(edition()).base + path);
        await chooseAll(page, '#source mark[data-notes]', path, width < 768);
      }
      await page.context().close();
    });

    test(`when a reference is followed without scripts at ${width}px`, async () => {
      const page = await open(browser, width, { javaScriptEnabled: false });
      for (const path of [...readers(edition()), ...readers(dense()).slice(0, 1)]) {
        const site = path.startsWith('notes') ? dense() : edition();
        await page.goto(folder(site).base + path);
        await chooseAll(page, '#source a.note-ref', path, width < 768 ? null : false, 4);
      }
      await page.context().close();
    });
  }

  test('when Enter is pressed on a reference, and when Escape closes the note', async () => {
    const page = await open(browser, 1440);
    await page.goto(folder(edition()).base + readers(edition())[0]);
    const references = page.locator('#source a.note-ref');
    for (let at = 0; at < (await references.count()); at += 3) {
      await references.nth(at).focus();
      const before = await page.evaluate(lines);
      await page.keyboard.press('Enter');
      assert.deepEqual(await page.evaluate(lines), before, `reference ${at}`);
      assert.ok(await page.evaluate(() => document.activeElement.matches('[data-note]')), 'the note has the focus');
      await page.keyboard.press('Escape');
      assert.deepEqual(await page.evaluate(lines), before, `after Escape at reference ${at}`);
      assert.ok(await references.nth(at).evaluate((link) => link === document.activeElement), 'the focus is back');
    }
    await page.context().close();
  });

  test('when j moves to a passage in the window', async () => {
    const page = await open(browser, 1440);
    await page.goto(folder(edition()).base + readers(edition())[0]);
    let moves = 0;
    for (let step = 0; step < 30; step++) {
      const before = await page.evaluate(lines);
      await page.keyboard.press('j');
      const moved = (await page.evaluate(lines))[0] - before[0];
      const wasInView = await page.evaluate((moved) => {
        const mark = document.getElementById(location.hash.replace('#note-', 'passage-'));
        const { top, bottom } = mark?.getClientRects()[0] ?? { top: NaN, bottom: NaN };
        return top - moved >= 0 && bottom - moved <= innerHeight;
      }, moved);
      if (wasInView) assert.equal(moved, 0, `step ${step}`);
      else moves += 1;
    }
    assert.ok(moves > 0 && moves < 30);
    await page.context().close();
  });
});

/** The top of each block of the text in the window. */
function lines() {
  return [...document.querySelectorAll('#source [id^="p-"]')].map((block) => Math.round(block.getBoundingClientRect().top * 4) / 4);
}

/** Clicks every element of the text that fits, and measures the movement of the text and the place of the note. */
async function chooseAll(page, selector, path, isSheet, step = 1) {
  const count = await page.locator(selector).count();
  assert.ok(count > 0, path);
  for (let at = 0; at < count; at += step) {
    // A sheet covers part of the text, so close it first. Without scripts it is always at the bottom.
    await page.keyboard.press('Escape');
    const heights = isSheet === null ? [0.2] : [0.2, 0.45, 0.7, 0.9];
    const point = await page.evaluate(`(${scrolledTo})(document.querySelectorAll(${JSON.stringify(selector)})[${at}], ${heights[at % heights.length]})`);
    const before = await page.evaluate(lines);
    await page.mouse.click(point.x, point.y);
    assert.deepEqual(await page.evaluate(lines), before, `${path}: ${selector} ${at}`);
    const found = await page.evaluate(`(${opened})(document.querySelectorAll(${JSON.stringify(selector)})[${at}], ${JSON.stringify(point)})`);
    const where = `${path}: ${selector} ${at}: ${JSON.stringify(found)}`;
    assert.ok(found.isOpen, where);
    assert.ok(found.top >= 0 && found.bottom <= found.window + 1, `the note is inside the window: ${where}`);
    assert.ok(found.distance < found.window, `the note is within a screen of the passage: ${where}`);
    if (isSheet && found.passage < found.window * 0.7) assert.ok(!found.covers, `the passage is visible beside the sheet: ${where}`);
  }
}

/** Scrolls so that the element is at a height in the window, and returns the middle of its first line. */
function scrolledTo(element, height) {
  const { top } = element.getBoundingClientRect();
  scrollBy({ top: top - innerHeight * height, behavior: 'instant' });
  const box = element.getClientRects()[0] ?? element.getBoundingClientRect();
  return { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 };
}

/** Where the note of an element is, and whether it covers the element. */
function opened(element, point) {
  const ids = element.dataset.notes?.split(' ') ?? [element.getAttribute('href').slice('#note-'.length)];
  const note = ids.map((id) => document.getElementById(`note-${id}`)).find((note) => note.closest('details').open);
  if (!note) return { isOpen: false };
  const box = getComputedStyle(note.closest('details')).position === 'fixed' ? note.closest('details') : note;
  const { top, bottom } = box.getBoundingClientRect();
  const passage = element.getBoundingClientRect();
  const distance = Math.max(0, top - point.y, point.y - bottom);
  const covers = Math.min(bottom, passage.bottom) - Math.max(top, passage.top) > 1;
  return { isOpen: true, top, bottom, window: innerHeight, distance, covers, passage: passage.height };
}
