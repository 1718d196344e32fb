// A reader goes from each passage to its note and back, by pointer and by keyboard.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { faults, folder, launch, open } from './support/browser.mjs';
import { inSight, pressable } from './support/measure.mjs';
import { dense, edition, readers } from './support/sites.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

describe('from each passage to its note and back', { concurrency: 4 }, () => {
  for (const width of [390, 1440]) {
    for (const javaScriptEnabled of [true, false]) {
      test(`at ${width}px ${javaScriptEnabled ? 'with' : 'without'} scripts`, async () => {
        const page = await open(browser, width, { javaScriptEnabled });
        const found = faults(page, folder(edition()).base);
        // With scripts one text will do: the others hold nothing that a script could treat otherwise.
        for (const path of readers(edition()).slice(0, javaScriptEnabled ? 1 : undefined)) {
          await page.goto(folder(edition()).base + path);
          const count = await page.locator('#source a.note-ref').count();
          assert.ok(count > 0);
          // All of the first text, and some of every other.
          const step = path === readers(edition())[0] ? 1 : 4;
          for (let at = 0; at < count; at += step) await thereAndBack(page, at, click);
        }
        assert.deepEqual(found, []);
        await page.context().close();
      });
    }
  }

  test('by keyboard', async () => {
    const page = await open(browser, 1440, { javaScriptEnabled: false });
    await page.goto(folder(dense()).base + 'notes-5/index.html');
    const count = await page.locator('#source a.note-ref').count();
    for (let at = 0; at < count; at++) await thereAndBack(page, at, (link) => link.press('Enter'));
    await page.context().close();
  });
});

/** Clicks where a reader would: on what is to be seen of a link. */
async function click(link) {
  await link.scrollIntoViewIfNeeded();
  const point = await link.evaluate(pressable);
  assert.ok(point, `${await link.getAttribute('href')} can be clicked`);
  await link.page().mouse.click(point.x, point.y);
}

/** Follows note reference `at` to its note, and the note's link back to the passage. */
async function thereAndBack(page, at, follow) {
  const reference = page.locator('#source a.note-ref').nth(at);
  const href = await reference.getAttribute('href');
  await follow(reference);
  assert.equal(await fragment(page), href);
  const note = page.locator(`[id="${href.slice(1)}"]`);
  const back = note.locator(`a[href^="#passage-${href.slice('#note-'.length)}"]`).first();
  assert.ok(await back.evaluate(inSight), `the quotation of ${href} is in sight`);
  assert.ok(await note.evaluate(openedUp), `all of ${href} is shown`);
  const passage = await back.getAttribute('href');
  await follow(back);
  assert.equal(await fragment(page), passage);
  assert.ok(await page.locator(`[id="${passage.slice(1)}"]`).evaluate(inSight), `${passage} is in sight`);
}

const fragment = (page) => page.evaluate(() => decodeURIComponent(location.hash));

/** Whether no part of a note is folded away. */
function openedUp(note) {
  return [...note.children].every((child) => child.checkVisibility({ contentVisibilityAuto: true }));
}

describe('links between passages and notes', () => {
  for (const [name, site] of Object.entries({ edition, dense })) {
    test(`lead both ways: ${name}`, async () => {
      const page = await open(browser, 1440, { javaScriptEnabled: false });
      for (const path of readers(site())) {
        await page.goto(folder(site()).base + path);
        assert.deepEqual(await page.evaluate(deadEnds), [], path);
      }
      await page.context().close();
    });
  }
});

/** Marks without a link to their note, and notes without a link to their passage. */
function deadEnds() {
  const found = [];
  const source = document.getElementById('source');
  for (const mark of source.querySelectorAll('mark[data-notes]')) {
    for (const id of mark.dataset.notes.split(' ')) {
      if (!source.querySelector(`a.note-ref[href="#note-${id}"]`)) found.push(`no link to the note ${id}`);
    }
  }
  for (const note of document.querySelectorAll('[data-note]')) {
    if (source.contains(note)) found.push(`${note.id} is inside the text`);
    if (note.dataset.about === 'text') continue;
    const passage = `passage-${note.id.replace(/^note-/, '')}`;
    if (!note.querySelector(`a[href="#${passage}"]`)) found.push(`no link back from ${note.id}`);
    if (!document.getElementById(passage)) found.push(`no passage of ${note.id}`);
  }
  return found;
}

test('the tab key goes through the text in its order, and shows where it is', async () => {
  const page = await open(browser, 1440);
  const path = readers(edition())[0];
  await page.goto(folder(edition()).base + path);
  const order = await page.evaluate(() => [...document.querySelectorAll('#source a.note-ref')].map((link) => link.getAttribute('href')));
  await page.locator('#source a.note-ref').first().focus();
  const visited = [];
  for (let step = 0; step < order.length; step++) {
    const [href, outline] = await page.evaluate(() => {
      const style = getComputedStyle(document.activeElement);
      return [document.activeElement.getAttribute('href'), `${style.outlineStyle} ${style.outlineWidth}`];
    });
    visited.push(href);
    assert.doesNotMatch(outline, /^none|\b0px/, `the focus shows on ${href}`);
    await page.keyboard.press('Tab');
  }
  assert.deepEqual(visited, order);
  await page.context().close();
});
