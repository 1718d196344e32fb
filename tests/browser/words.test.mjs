// The text is unchanged by notes: its reading text, copied text, exported selectors, search in the page, text fragments.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { folder, launch, open, serve } from './support/browser.mjs';
import { inSight } from './support/measure.mjs';
import { annotations, bare, dense, edition, readers } from './support/sites.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const reading = () => document.getElementById('source').textContent;

describe('the reading text', () => {
  for (const javaScriptEnabled of [true, false]) {
    test(`is the same with and without notes, ${javaScriptEnabled ? 'with' : 'without'} scripts`, async () => {
      const page = await open(browser, 1440, { javaScriptEnabled });
      for (const path of readers(edition())) {
        await page.goto(folder(edition()).base + path);
        const annotated = await page.evaluate(reading);
        await page.goto(folder(bare()).base + path);
        assert.equal(annotated, await page.evaluate(reading), path);
      }
      await page.context().close();
    });
  }
});

/** The exported passages of a reader page, with their positions in the reading text. */
function passages(site, path) {
  return annotations(site, path).flatMap((item) => [item.target].flat().flatMap((target) => {
    const selectors = [target.selector ?? []].flat();
    const quote = selectors.find((selector) => selector.type === 'TextQuoteSelector');
    const position = selectors.find((selector) => selector.type === 'TextPositionSelector');
    return quote ? [{ id: item.id.split('#note-')[1], ...quote, ...position }] : [];
  }));
}

describe('exported passages', () => {
  for (const [name, site] of Object.entries({ edition, dense })) {
    test(`are found at their positions: ${name}`, async () => {
      const page = await open(browser, 1440);
      for (const path of readers(site())) {
        await page.goto(folder(site()).base + path);
        const characters = [...(await page.evaluate(reading))];
        const found = passages(site(), path);
        assert.ok(found.length > 0, path);
        for (const { id, exact, prefix, suffix, start, end } of found) {
          assert.equal(characters.slice(start, end).join(''), exact, `${path}: ${id}`);
          assert.ok(characters.slice(0, start).join('').endsWith(prefix), `${path}: before ${id}`);
          assert.ok(characters.slice(end).join('').startsWith(suffix), `${path}: after ${id}`);
        }
      }
      await page.context().close();
    });
  }

  test('are found by the browser’s search', async () => {
    const page = await open(browser, 1440);
    for (const path of readers(edition())) {
      await page.goto(folder(edition()).base + path);
      for (const { id, exact } of passages(edition(), path).filter(inOneBlock)) {
        assert.equal(await page.evaluate(find, exact), exact.replace(/\s+/g, ' '), `${path}: ${id}`);
      }
    }
    await page.context().close();
  });

  test('are found by text fragments', async () => {
    // The window is so low that a target is only visible after scrolling to it.
    const page = await open(browser, 1440, { height: 240 });
    for (const path of readers(edition())) {
      await page.goto(folder(edition()).base + path);
      const above = await page.evaluate(wordsAbove);
      const fit = (passage) => inOneBlock(passage) && passage.exact.length > 20 && !above.includes(passage.exact);
      const sought = passages(edition(), path).filter(first()).filter(fit);
      assert.ok(sought.length > 8, path);
      for (const { id, exact } of sought.filter((_, at) => at % 3 === 0)) {
        await page.goto('about:blank');
        await page.goto(`${folder(edition()).base}${path}#:~:text=${encodeURIComponent(exact).replaceAll('-', '%2D')}`);
        assert.ok(await page.locator(`[id="passage-${id}"]`).evaluate(inSight), `${path}: ${id}: ${exact}`);
      }
    }
    await page.context().close();
  });
});

/** The words of the page above the text, where the browser would find a passage first. */
function wordsAbove() {
  const range = document.createRange();
  range.setStart(document.body, 0);
  range.setEndBefore(document.getElementById('source'));
  return range.toString();
}

/** A filter that keeps the first passage of each note. */
function first() {
  const seen = new Set();
  return ({ id }) => !seen.has(id) && seen.add(id);
}

const inOneBlock = ({ exact }) => !exact.includes('\n');

/** The first match of `words` in the text, found and selected by the browser's search. */
function find(words) {
  const source = document.getElementById('source');
  const selection = getSelection();
  selection.collapse(source, 0);
  const found = window.find(words, true, false, false) && source.contains(selection.anchorNode);
  return found ? selection.toString().replace(/\s+/g, ' ') : null;
}

describe('copied text', () => {
  let site, plain, page;
  before(async () => {
    [site, plain] = [await serve(edition()), await serve(bare())];
    page = await open(browser, 1440, { permissions: ['clipboard-read', 'clipboard-write'] });
  });
  after(async () => {
    await page.context().close();
    [site, plain].forEach((server) => server.close());
  });

  test('of the whole text is the same with and without notes', async () => {
    for (const path of readers(edition())) {
      const copied = [];
      for (const server of [site, plain]) {
        await page.goto(server.base + path);
        copied.push(await copy(() => getSelection().selectAllChildren(document.getElementById('source'))));
      }
      assert.ok(copied[0].length > 1000, path);
      assert.equal(copied[0], copied[1], path);
    }
  });

  test('of a passage is the words of the passage', async () => {
    for (const path of readers(edition())) {
      await page.goto(site.base + path);
      for (const { id, exact } of passages(edition(), path).filter(first())) {
        const copied = await copy((id) => {
          const mark = document.getElementById(`passage-${id}`);
          const next = document.getElementById(`passage-${id}.2`);
          const marks = [...document.querySelectorAll(`#source mark[data-notes~="${id}"]`)];
          const mine = marks.filter((other) => !next || other.compareDocumentPosition(next) & Node.DOCUMENT_POSITION_FOLLOWING);
          // Select from just before the passage to just after its note reference.
          const last = mine.at(-1);
          const reference = last.nextElementSibling?.matches('a.note-ref') ? last.nextElementSibling : last;
          const range = document.createRange();
          range.setStartBefore(mark ?? mine[0]);
          range.setEndAfter(reference);
          getSelection().removeAllRanges();
          getSelection().addRange(range);
        }, id);
        assert.equal(fold(copied), fold(exact), `${path}: ${id}`);
      }
    }
  });

  const fold = (words) => words.replace(/\s+/g, ' ').trim();

  /** The contents of the clipboard after calling `select` and pressing Ctrl+C. */
  async function copy(select, argument) {
    await page.evaluate(select, argument);
    await page.evaluate(() => navigator.clipboard.writeText(''));
    await page.keyboard.press('Control+C');
    return page.evaluate(() => navigator.clipboard.readText());
  }
});
