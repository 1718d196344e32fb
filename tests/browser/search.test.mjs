// Search, from a folder and from a server: tokenization, ranking, filters, keyboard control, and the number of bytes loaded.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AXE } from './support/axe.mjs';
import { faults, folder, launch, open, serve } from './support/browser.mjs';
import { numbers } from './support/many.mjs';
import { edition, many, readers, unsearched } from './support/sites.mjs';

const CASES = JSON.parse(fs.readFileSync(new URL('../search/words.json', import.meta.url)));
const SEARCH = 'search/index.html';

suite('the search', () => {
  let browser;
  let page;
  let site;
  let found;
  before(async () => {
    browser = await launch();
    site = folder(edition());
    page = await open(browser, 1440);
    found = faults(page, site.base);
  });
  after(() => browser.close());

  /** The link targets of the results, in order. */
  async function ask(words, on = page) {
    await on.goto(`${site.base}${SEARCH}?q=${encodeURIComponent(words)}`);
    return results(on);
  }
  async function results(on = page) {
    await on.waitForFunction(() => document.querySelector('.found').textContent);
    return on.$$eval('.results a', (links) => links.map((link) => decodeURIComponent(link.getAttribute('href').slice(3))));
  }

  test('splits and folds words like the indexer', async () => {
    await page.goto(site.base + SEARCH);
    for (const [text, expected] of Object.entries(CASES)) {
      const words = await page.evaluate((text) => postilSearch.words(text).map(({ word }) => word), text);
      assert.deepEqual(words, expected, text);
    }
  });

  test('ranks the right place among the first three, for words and phrases of the edition', async () => {
    const places = [];
    for (const reader of readers(edition())) {
      await page.goto(site.base + reader);
      places.push(...(await page.evaluate(runsWritten)).map(({ id, runs }) => ({ href: `${reader}#${id}`, runs })));
    }
    assert.deepEqual(await missed(page, places, site.base, 50), []);
  });

  test('ranks the right place among the first three in a large site, and loads few files', async () => {
    const { site: built, places } = many();
    const other = await open(browser, 1440);
    let bytes = 0;
    let most = 0;
    const weigh = (request) => {
      const file = fileURLToPath(request.url().split(/[?#]/)[0]);
      bytes += fs.existsSync(file) ? fs.statSync(file).size : 0;
      most = Math.max(most, bytes);
    };
    other.on('request', weigh);
    assert.deepEqual(await missed(other, places, folder(built).base, 50, () => (bytes = 0)), []);
    assert.ok(most > 50_000 && most < 300 * 1024, `${most} bytes`);
  });

  /** Of `count` random words and phrases, those whose place is not among the first three results. */
  async function missed(page, places, base, count, begin = () => {}) {
    await page.goto(base + SEARCH);
    // The last character of a run is not a searchable word.
    const tokenized = await page.evaluate((all) => all.map(({ runs }) => runs.map((run) => postilSearch.words(run).map(({ word, tail }) => (tail ? '' : word)))), places);
    const random = numbers(20261121);
    const pick = (list) => list[random() % list.length];
    const found = [];
    for (let n = 0; n < count; n += 1) {
      const at = random() % places.length;
      const run = pick(tokenized[at].filter((run) => run.length > 5 && !run.includes('', 1)));
      if (!run) {
        n -= 1;
        continue;
      }
      // In turn: a word, a quoted phrase, the words of a phrase without quotation marks.
      const length = n % 3 === 0 ? 1 : 2 + (random() % 5);
      const start = random() % (run.length - Math.min(length, run.length) + 1);
      const words = run.slice(start, start + length);
      const asked = n % 3 === 1 ? `"${written(words)}"` : written(words);
      const matching = places.filter((_, other) => tokenized[other].some((run) => ` ${run.join(' ')} `.includes(` ${words.join(' ')} `)));
      const right = matching.length > 3 ? matching : [places[at]];
      begin();
      await page.goto(`${base}${SEARCH}?q=${encodeURIComponent(asked)}`);
      const first = (await results(page)).slice(0, 3);
      if (!right.some(({ href }) => first.includes(href))) found.push(`${asked} of ${places[at].href}: ${first.join(', ')}`);
    }
    return found;
  }
  /** Joins words into text. Pairs of characters overlap. */
  const written = (words) => (/^[\u4e00-\u9fff]{2}$/.test(words[0]) ? words[0] + words.slice(1).map((word) => word.at(-1)).join('') : words.join(' '));

  test('finds single characters and phrases in scripts without spaces', async () => {
    const { site: built, places } = many();
    const page = await open(browser, 820);
    const text = places[9 * 10].runs[0].replace(/^\d+ /, '');
    assert.match(text, /^[\u4e00-\u9fff]{7}/);
    for (const asked of [text.slice(1, 2), text.slice(1, 3), text.slice(0, 6), `"${text.slice(2, 7)}"`]) {
      await page.goto(`${folder(built).base}${SEARCH}?q=${encodeURIComponent(asked)}`);
      const links = await results(page);
      if (asked.length > 2) assert.equal(links[0], 'text-9/index.html#p-1', asked);
      const marks = await page.$$eval('.results li', (items) => items.map((item) => [...item.querySelectorAll('.words mark')].map((mark) => mark.textContent)));
      assert.ok(marks.length > 0, asked);
      for (const marked of marks) assert.ok(marked.some((mark) => mark.includes(asked.replaceAll('"', ''))), `${asked}: ${marked}`);
    }
  });

  test('adds no files and no links to a site without search', async () => {
    const built = unsearched();
    const page = await open(browser, 820);
    const files = fs.readdirSync(built, { recursive: true }).filter((file) => /search|find\.js/.test(file));
    assert.deepEqual(files, []);
    await page.goto(`${folder(built).base}one/index.html`);
    assert.equal(await page.locator('[href*="search"], [src*="find"]').count(), 0);
  });

  test('highlights matches in context and links to the exact place', async () => {
    const [first] = await ask('"no risk of addiction"');
    assert.match(first, /^ketamine-troches\/index\.html#(p|note)-/);
    const marked = await page.$$eval('.results li', (items) => items.map((item) => [...item.querySelectorAll('mark')].map((mark) => mark.textContent).join(' ')));
    for (const words of marked) assert.match(words, /no risk of addiction/i);
    await page.locator('.results a').first().click();
    await page.waitForURL(/ketamine-troches/);
    assert.equal(await page.evaluate(() => document.querySelector(':target') !== null), true);
  });

  test('finds other forms of a word, and words with the same prefix', async () => {
    for (const [asked, form] of [['dependencies', /depend/i], ['STUDY', /studies/i], ['mitragy', /mitragyn/i]]) {
      await ask(asked);
      const marks = await page.$$eval('.results mark', (marks) => marks.map((mark) => mark.textContent).join(' '));
      assert.match(marks, form, asked);
    }
    assert.deepEqual(await ask('qqqqq'), []);
  });

  test('filters by kind, verdict and text, with counts, and keeps the filters in the address', async () => {
    await ask('ketamine');
    const radio = page.locator('.sorts label', { has: page.locator('[value="cited-study"]') });
    const count = Number(await radio.locator('.count').textContent());
    assert.ok(count > 1);
    await radio.click();
    await page.waitForFunction(() => [...document.querySelectorAll('.results li')].every((item) => item.dataset.kind === 'cited-study'));
    assert.match(await page.textContent('.found'), new RegExp(`^${count} `));
    const before = await results();
    await page.reload();
    assert.deepEqual(await results(), before);
    assert.match(page.url(), /kind=cited-study/);

    const verdict = await page.$eval('[name="verdict"]', (select) => [...select.options].find((option) => option.value.startsWith('cited-study') && !option.disabled).value);
    await page.selectOption('[name="verdict"]', verdict);
    const text = await page.$eval('[name="text"]', (select) => select.options[1].value);
    await page.selectOption('[name="text"]', text);
    await page.waitForFunction((text) => [...document.querySelectorAll('.results a')].every((link) => link.getAttribute('href').includes(text)), text);
    await page.reload();
    for (const href of await results()) assert.ok(href.startsWith(text + '/'), href);
    assert.equal(new URL(page.url()).searchParams.get('verdict'), verdict);
  });

  test('lists a text once if it begins with its title', async () => {
    await ask('"sublingual ketamine protocols"');
    const found = (await results(page)).filter((link) => /^sublingual-ketamine\/index\.html(#p-1)?$/.test(link));
    assert.deepEqual(found, ['sublingual-ketamine/index.html#p-1']);
  });

  test('can be used with the keyboard only', async () => {
    for (const from of ['index.html', readers(edition())[0], 'about/index.html']) {
      await page.goto(site.base + from);
      await page.keyboard.press('/');
      await page.keyboard.type('withdrawal kratom');
      await page.keyboard.press('Enter');
      await page.waitForURL(/search\/index\.html/);
      await page.waitForFunction(() => document.activeElement.matches('main [name="q"]'));
    }
    const links = await results();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    assert.equal(await focused(), links[1]);
    await page.keyboard.press('ArrowUp');
    assert.equal(await focused(), links[0]);
    await page.keyboard.press('Escape');
    assert.equal(await page.evaluate(() => document.activeElement.name), 'q');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => !url.pathname.includes('/search/'));
    assert.ok(decodeURIComponent(page.url()).endsWith(links[0]));
    await page.goBack();
    assert.deepEqual(await results(), links);
  });
  const focused = () => page.evaluate(() => decodeURIComponent(document.activeElement.getAttribute('href').slice(3)));

  test('requests only files of the site, under the strictest content security policy', async () => {
    const served = await serve(edition());
    const other = await open(browser, 390);
    const faulty = faults(other, served.base);
    await other.goto(`${served.base}${SEARCH}?q=ketamine%20%22anxiety%22`);
    assert.ok((await results(other)).length > 3);
    assert.deepEqual(faulty, []);
    served.close();
  });

  for (const colorScheme of ['light', 'dark']) {
    test(`axe reports no violations in the results, ${colorScheme}`, async () => {
      const other = await open(browser, 390, { colorScheme });
      await ask('dependence', other);
      await other.addScriptTag({ content: AXE });
      const violations = await other.evaluate(async () => (await window.axe.run(document, { rules: { 'target-size': { enabled: true } } })).violations);
      assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), []);
    });
  }

  test('links to the other pages without scripts', async () => {
    const plain = await open(browser, 390, { javaScriptEnabled: false });
    await plain.goto(site.base + SEARCH);
    assert.equal(await plain.locator('form').isVisible(), false);
    assert.equal(await plain.locator('noscript p').isVisible(), true);
    const links = await plain.$$eval('.registers a', (links) => links.map((link) => link.getAttribute('href')));
    assert.ok(links.length > 0);
    for (const href of links) assert.ok(fs.existsSync(path.join(edition(), 'search', href)), href);
  });

  // Leaving a page aborts its pending requests.
  test('causes no errors or external requests', () => assert.deepEqual(found.filter((fault) => !fault.includes('ERR_ABORTED')), []));
});

/** The blocks and notes of a reader page, each with its runs of text without inline markup. */
function runsWritten() {
  const runs = (element) => {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) if (!walker.currentNode.parentElement.closest('.quoted, .means, .guidelines, .by, a')) found.push(walker.currentNode.data);
    return found;
  };
  const blocks = [...document.querySelectorAll('#source [id^="p-"]')].filter((block) => !block.querySelector('[id^="p-"]'));
  return [...blocks, ...document.querySelectorAll('[data-note]')].map((place) => ({ id: place.id, runs: runs(place) }));
}
