// All pages, from a folder and from a server, with and without scripts: no external requests, no errors, no horizontal
// overflow, no layout shifts, no missing notes, no broken links.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { WIDTHS, faults, folder, launch, open, serve } from './support/browser.mjs';
import * as measure from './support/measure.mjs';
import { dense, edition, pages, readers } from './support/sites.mjs';

const SITES = { edition, dense };
/** The narrowest window that WCAG 2.2 requires (1.4.10): 1280 px at 400 % zoom. */
const NARROWEST = 320;

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

for (const [name, site] of Object.entries(SITES)) {
  for (const from of [folder, serve]) {
    for (const javaScriptEnabled of [true, false]) {
      const how = `${name}, ${from === folder ? 'from a folder' : 'served'}, ${javaScriptEnabled ? 'with' : 'without'} scripts`;
      describe(how, () => pagesOf(site, from, javaScriptEnabled));
    }
  }
}

function pagesOf(site, from, javaScriptEnabled) {
  let visits;
  before(async () => {
    const source = await from(site());
    visits = await visitAll(source.base, pages(site()), javaScriptEnabled);
    source.close();
  });

  test('no page makes external requests or logs errors', () => {
    for (const { path, found } of visits) assert.deepEqual(found, [], path);
  });

  test('no page is wider than its window', () => {
    for (const { path, widths } of visits) {
      for (const { width, beyond } of widths) assert.deepEqual(beyond, [], `${path} at ${width}px`);
    }
  });

  test('every note is visible at every width', () => {
    const read = readers(site());
    for (const { path, widths } of visits.filter(({ path }) => read.includes(path))) {
      for (const { width, notes } of widths) {
        assert.ok(notes.length > 0, path);
        assert.deepEqual(notes.filter((note) => !note.visible).map((note) => note.id), [], `${path} at ${width}px`);
      }
    }
  });
}

/** The number of pages to visit in parallel. Most of the time is spent waiting for the network to be idle. */
const TABS = 4;

/** The errors on each page until the network is idle, and its measurements at every width, in the order of the paths. */
async function visitAll(base, paths, javaScriptEnabled) {
  const visits = new Array(paths.length);
  let next = 0;
  const tab = async () => {
    const page = await open(browser, 1440, { javaScriptEnabled });
    const found = faults(page, base);
    while (next < paths.length) {
      const at = next++;
      await page.goto(base + paths[at], { waitUntil: 'networkidle' });
      const widths = [];
      for (const width of [NARROWEST, ...WIDTHS]) {
        await page.setViewportSize({ width, height: 900 });
        widths.push({ width, beyond: await page.evaluate(measure.overflow), notes: await page.evaluate(measure.notes) });
      }
      visits[at] = { path: paths[at], found: found.splice(0), widths };
    }
    await page.context().close();
  };
  await Promise.all(Array.from({ length: TABS }, tab));
  return visits;
}

for (const [name, site] of Object.entries(SITES)) {
  test(`every internal link has an existing target: ${name}`, async () => {
    const page = await open(browser, 1440, { javaScriptEnabled: false });
    const { base } = folder(site());
    const places = new Map();
    for (const path of pages(site())) {
      await page.goto(base + path);
      const [links, ids] = await page.evaluate(() => [
        [...document.links].map((link) => link.href),
        [...document.querySelectorAll('[id]')].map((element) => element.id),
      ]);
      assert.equal(new Set(ids).size, ids.length, `${path}: ids are unique`);
      places.set(new URL(base + path).pathname, { path, links, ids });
    }
    const broken = [];
    for (const { path, links } of places.values()) {
      for (const link of links.map((link) => new URL(link)).filter((link) => link.protocol === 'file:')) {
        const [file, place] = [places.get(link.pathname), decodeURIComponent(link.hash.slice(1))];
        const leads = file ? !place || file.ids.includes(place) : fs.statSync(link, { throwIfNoEntry: false })?.isFile();
        if (!leads) broken.push(`${path}: ${link.href.slice(base.length)}`);
      }
    }
    assert.deepEqual(broken, []);
    await page.context().close();
  });
}

/**
 * The highest allowed layout shift score; 0.1 is considered good. On a dense page the notes load after the text but share
 * its grid rows, so that the text can move by a few lines.
 */
const MAX_SHIFT = { edition: 0.001, dense: 0.01 };

describe('a page while it loads', () => {
  for (const width of WIDTHS) {
    for (const [name, site] of Object.entries(SITES)) {
      test(`does not shift at ${width}px: ${name}`, async () => {
        const source = await serve(site(), { slowly: true });
        const page = await open(browser, width);
        await page.addInitScript(watchShifts);
        for (const path of pages(site())) {
          await page.goto(source.base + path);
          const { shift, moved } = await page.evaluate(() => window.shifts());
          assert.ok(shift < MAX_SHIFT[name], `${path} shifts by ${shift}: ${moved.join('; ')}`);
        }
        await page.context().close();
        source.close();
      });
    }
  }
});

/** Records layout shifts from the start of loading. */
function watchShifts() {
  const entries = [];
  const observer = new PerformanceObserver((list) => entries.push(...list.getEntries()));
  observer.observe({ type: 'layout-shift', buffered: true });
  const painted = () => new Promise((ready) => requestAnimationFrame(() => requestAnimationFrame(ready)));
  window.shifts = async () => {
    await painted();
    entries.push(...observer.takeRecords());
    const moved = entries.flatMap(({ sources }) => sources).map(({ node, previousRect, currentRect }) => `${node?.outerHTML?.slice(0, 60) ?? node?.textContent?.slice(0, 60)} from ${previousRect.x},${previousRect.y} to ${currentRect.x},${currentRect.y}`);
    return { shift: entries.reduce((sum, { value }) => sum + value, 0), moved: moved.slice(0, 5) };
  };
}
