// Notes are beside their passages, and never overlap each other or the text.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { FONTS, WIDTHS, folder, launch, open } from './support/browser.mjs';
import * as measure from './support/measure.mjs';
import { dense, edition, mixed, orphaned, readers } from './support/sites.mjs';

let browser;

for (const fonts of Object.keys(FONTS)) {
  describe(`in ${fonts}`, { concurrency: 2 }, () => {
    before(async () => (browser = await launch(fonts)));
    after(() => browser.close());
    layouts(fonts);
  });
}

function layouts(fonts) {
  test('pages use the fonts of the tests', async () => {
    const page = await open(browser, 1440);
    await page.goto(`${folder(edition()).base}kratom-gad/index.html`);
    const used = [...(await fontsOf(page, '#p-2')), ...(await fontsOf(page, '#notes .title'))];
    assert.deepEqual(used.filter((family) => !family.toLowerCase().startsWith(fonts)), []);
    assert.equal(new Set(used).size, 2, 'one for the text, one for the notes');
    await page.context().close();
  });

  for (const [name, site] of Object.entries({ edition, dense })) {
    for (const javaScriptEnabled of [true, false]) {
      describe(`${name}, ${javaScriptEnabled ? 'with' : 'without'} scripts`, () => {
        for (const width of [...WIDTHS, 1024, 1920]) {
          test(`nothing overlaps at ${width}px`, () => noOverlaps(site(), width, javaScriptEnabled));
        }
        test('an open note moves the others down', () => opened(site(), javaScriptEnabled));
        test('notes are beside the text, near their passages', () => beside(site(), javaScriptEnabled));
      });
    }
  }

  test('notes without a passage are after the text', async () => {
    for (const width of [...WIDTHS, 1280]) {
      const page = await open(browser, width);
      await page.goto(`${folder(orphaned()).base}a/index.html`);
      await assertNoOverlaps(page, `orphans at ${width}px`);
      const [text, heading, note, after] = await page.evaluate(() => ['#source > :last-child', '#orphans h2', '#orphans .note', '.after'].map((place) => document.querySelector(place).getBoundingClientRect().top));
      assert.ok(text < heading && heading < note && note < after, `${[text, heading, note, after]} at ${width}px`);
      await page.context().close();
    }
  });

  for (const width of [...WIDTHS, 320]) {
    test(`paragraph numbers form one column that overlaps neither text nor notes, in both writing directions, at ${width}px`, async () => {
      const page = await open(browser, width);
      for (const [site, path] of [[mixed(), 'ar/index.html'], [mixed(), 'en/index.html'], [edition(), 'kratom-gad/index.html']]) {
        await page.goto(folder(site).base + path);
        const { columns, on } = await page.evaluate(numbers);
        assert.equal(columns.length, 1, `${path}: ${columns}`);
        assert.deepEqual(on, [], path);
      }
      await page.context().close();
    });
  }

  test('on a phone, a linked passage is visible above the sheet of its note', async () => {
    const page = await open(browser, 390);
    for (const address of ['ketamine-troches/index.html#note-common-disorders', 'ketamine-troches/index.html#note-lancet-2019', 'sublingual-ketamine/index.html#note-all-guidelines']) {
      await page.goto('about:blank');
      await page.goto(folder(edition()).base + address);
      const passage = address.replace(/.*#note-/, 'passage-');
      await page.waitForFunction((id) => {
        const { top, bottom } = document.getElementById(id).getBoundingClientRect();
        return top >= 0 && bottom <= document.querySelector('details:has(:target)').getBoundingClientRect().top;
      }, passage).catch(() => assert.fail(`${address}: its passage is not in sight`));
    }
    await page.context().close();
  });
}

/** The font families used for the text of an element. */
async function fontsOf(page, selector) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('DOM.enable');
  await devtools.send('CSS.enable');
  const { root } = await devtools.send('DOM.getDocument');
  const { nodeId } = await devtools.send('DOM.querySelector', { nodeId: root.nodeId, selector });
  return (await devtools.send('CSS.getPlatformFontsForNode', { nodeId })).fonts.map(({ familyName }) => familyName);
}

/** The columns of the paragraph numbers, and the blocks and notes that overlap them. */
function numbers() {
  const main = document.querySelector('main').getBoundingClientRect();
  const frame = getComputedStyle(document.querySelector('main')).position === 'relative' ? main : { left: 0 };
  const numbered = [...document.querySelectorAll('#source [id^="p-"]')].filter((block) => getComputedStyle(block, '::before').content !== 'none');
  const boxes = numbered.map((block) => {
    const style = getComputedStyle(block, '::before');
    const left = frame.left + parseFloat(style.left);
    return { left, right: left + parseFloat(style.width) };
  });
  const columns = [...new Set(boxes.map((box) => `${Math.round(box.left)} to ${Math.round(box.right)}`))];
  const others = [...document.querySelectorAll('#source > *, details')].map((element) => [element, element.getBoundingClientRect()]);
  const on = others.filter(([, box]) => boxes.some(({ left, right }) => Math.min(right, box.right) - Math.max(left, box.left) > 1));
  return { columns, on: on.map(([element]) => element.id) };
}

async function noOverlaps(site, width, javaScriptEnabled) {
  const page = await open(browser, width, { javaScriptEnabled });
  for (const path of readers(site)) {
    await page.goto(folder(site).base + path);
    await assertNoOverlaps(page, `${path} at ${width}px`);
  }
  await page.context().close();
}

async function opened(site, javaScriptEnabled) {
  const page = await open(browser, 1440, { javaScriptEnabled });
  for (const path of readers(site)) {
    await page.goto(folder(site).base + path);
    const ids = (await page.evaluate(measure.notes)).map((note) => note.id);
    for (const id of [ids[0], ids[Math.floor(ids.length / 2)], ids.at(-1)]) {
      await page.goto(`${folder(site).base}${path}#note-${id}`);
      await assertNoOverlaps(page, `${path}#note-${id}`);
    }
  }
  await page.context().close();
}

async function assertNoOverlaps(page, where) {
  const notes = await page.evaluate(measure.notes);
  const blocks = await page.evaluate(measure.blocks);
  const width = page.viewportSize().width;
  assert.deepEqual(measure.overlaps(notes), [], `notes overlap notes: ${where}`);
  assert.deepEqual(measure.overlaps(notes, blocks), [], `notes overlap the text: ${where}`);
  const outside = notes.filter((note) => note.left < 0 || note.right > width + 1);
  assert.deepEqual(outside.map((note) => note.id), [], `notes outside the window: ${where}`);
}

/** With and without scripts, notes are in one column beside the text, most of them close to their passage. */
async function beside(site, javaScriptEnabled) {
  const page = await open(browser, 1440, { javaScriptEnabled });
  for (const path of readers(site)) {
    await page.goto(folder(site).base + path);
    const blocks = await page.evaluate(measure.blocks);
    const notes = (await page.evaluate(measure.notes)).filter((note) => note.passage !== undefined);
    const textEnds = Math.max(...blocks.map((block) => block.right));
    const columns = new Set(notes.map((note) => Math.round(note.left)));
    assert.equal(columns.size, 1, `${path}: the notes are in one column`);
    assert.ok(notes.every((note) => note.left >= textEnds), `${path}: beside the text`);
    const drifts = notes.map((note) => Math.abs(note.top - note.passage)).sort((a, b) => a - b);
    const median = drifts[Math.floor(drifts.length / 2)];
    assert.ok(median < 500, `${path}: half of the notes are more than ${median}px from their passages`);
  }
  await page.context().close();
}
