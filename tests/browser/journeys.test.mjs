// Navigation from each passage to its note and back, with mouse and keyboard.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { faults, folder, launch, open } from './support/browser.mjs';
import { inSight, pressable } from './support/measure.mjs';
import { dense, edition, readers, unsearched } from './support/sites.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

describe('from each passage to its note and back', { concurrency: 4 }, () => {
  for (const width of [390, 1440]) {
    for (const javaScriptEnabled of [true, false]) {
      test(`at ${width}px ${javaScriptEnabled ? 'with' : 'without'} scripts`, async () => {
        const page = await open(browser, width, { javaScriptEnabled });
        const found = faults(page, folder(edition()).base);
        // With scripts, one text is enough, because the scripts treat all texts in the same way.
        for (const path of readers(edition()).slice(0, javaScriptEnabled ? 1 : undefined)) {
          await page.goto(folder(edition()).base + path);
          const hrefs = await page.evaluate(references);
          assert.ok(hrefs.length > 0);
          // Test all notes of the first text, and every fourth note of the others.
          const step = path === readers(edition())[0] ? 1 : 4;
          for (let at = 0; at < hrefs.length; at += step) await followThereAndBack(page, at, hrefs[at], click);
        }
        assert.deepEqual(found, []);
        await page.context().close();
      });
    }
  }

  test('by keyboard', async () => {
    const page = await open(browser, 1440, { javaScriptEnabled: false });
    await page.goto(folder(dense()).base + 'notes-5/index.html');
    const hrefs = await page.evaluate(references);
    for (const [at, href] of hrefs.entries()) await followThereAndBack(page, at, href, (page, links, at) => page.locator(links).nth(at).press('Enter'));
    await page.context().close();
  });
});

const REFERENCES = '#source a.note-ref';

const references = () => [...document.querySelectorAll('#source a.note-ref')].map((link) => link.getAttribute('href'));

/** Clicks on a visible part of the link. */
async function click(page, links, at) {
  const point = await page.evaluate(`(${scrolledTo})(document.querySelectorAll(${JSON.stringify(links)})[${at}], ${pressable})`);
  assert.ok(point, `link ${at} of ${links} can be clicked`);
  await page.mouse.click(point.x, point.y);
}

function scrolledTo(link, pressable) {
  link.scrollIntoViewIfNeeded();
  return pressable(link);
}

/** Follows note reference `at` to its note, and the note's link back to the passage. */
async function followThereAndBack(page, at, href, follow) {
  const id = href.slice('#note-'.length);
  await follow(page, REFERENCES, at);
  const there = await page.evaluate(`(${atNote})(${JSON.stringify(id)}, ${inSight})`);
  assert.equal(there.fragment, href);
  assert.ok(there.quoted, `the quote of ${href} is in view`);
  assert.ok(there.open, `${href} is completely visible`);
  await follow(page, `[id="${href.slice(1)}"] a[href^="#passage-${id}"]`, 0);
  const back = await page.evaluate(`(${atPassage})(${JSON.stringify(there.passage)}, ${inSight})`);
  assert.equal(back.fragment, there.passage);
  assert.ok(back.marked, `${there.passage} is in view`);
}

/** The state of the page after following a reference to a note. The whole note has to be visible. */
function atNote(id, inSight) {
  const note = document.getElementById(`note-${id}`);
  const back = note.querySelector(`a[href^="#passage-${id}"]`);
  const open = [...note.children].every((child) => child.checkVisibility({ contentVisibilityAuto: true }));
  return { fragment: decodeURIComponent(location.hash), quoted: inSight(back), open, passage: back.getAttribute('href') };
}

/** The state of the page after following the link back to a passage. */
function atPassage(passage, inSight) {
  return { fragment: decodeURIComponent(location.hash), marked: inSight(document.getElementById(passage.slice(1))) };
}

describe('links between passages and notes', () => {
  for (const [name, site] of Object.entries({ edition, dense })) {
    test(`work in both directions: ${name}`, async () => {
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

test('Tab moves through the note references in text order, with a visible focus', async () => {
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
    assert.doesNotMatch(outline, /^none|\b0px/, `the focus is visible on ${href}`);
    await page.keyboard.press('Tab');
  }
  assert.deepEqual(visited, order);
  await page.context().close();
});

test('a site of one text opens with the text; without scripts its home page leads to it', async () => {
  const page = await open(browser, 1440);
  await page.goto(folder(unsearched()).base + 'index.html');
  await page.waitForURL(/one\/index\.html$/);
  await page.context().close();
  const plain = await open(browser, 1440, { javaScriptEnabled: false });
  await plain.goto(folder(unsearched()).base + 'index.html');
  await plain.locator('#texts a').first().click();
  await plain.waitForURL(/one\/index\.html$/);
  await plain.context().close();
});
