// Features of the built-in theme's script: filters, views, keyboard shortcuts, links to copy, reading position.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { faults, folder, launch, open, serve } from './support/browser.mjs';
import { inSight, notes, overlaps } from './support/measure.mjs';
import { dense, edition } from './support/sites.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** The number of visible notes and note references, and the kinds of the notes. */
function shown() {
  const shows = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getBoundingClientRect().height > 1;
  const visible = (selector) => [...document.querySelectorAll(selector)].filter(shows);
  const ids = visible('details:has(> [data-note])').map((box) => box.querySelector('[data-note]').dataset.kind);
  return { notes: ids.length, references: visible('#source a.note-ref').length, kinds: [...new Set(ids)].sort() };
}

/** Chooses a view without scrolling to its button, as the key v does. */
const choose = (page, view) => page.evaluate((view) => document.querySelector(`.views input[value="${view}"]`).click(), view);

/** Opens the panel with more filters. */
const more = (page) => page.locator('.choices summary').click();

describe('filters', () => {
  let page, found;
  beforeEach(async () => {
    page = await open(browser, 1440);
    found = faults(page, folder(edition()).base);
    await page.goto(folder(edition()).base + 'kratom-gad/index.html');
  });
  const finish = async () => {
    assert.deepEqual(found, []);
    await page.context().close();
  };

  for (const name of ['kind', 'tone']) {
    test(`one ${name} can be shown; the count and the address are updated`, async () => {
      const all = await page.evaluate(shown);
      const label = page.locator(`.lenses label:has([name="${name}"])`).first();
      const count = Number((await label.innerText()).match(/\d+/)[0]);
      await label.click();
      const fewer = await page.evaluate(shown);
      assert.equal(fewer.notes, count);
      if (name === 'kind') assert.equal(fewer.kinds.length, 1);
      assert.ok(fewer.references < all.references);
      assert.match(await page.locator('.lenses output').innerText(), new RegExp(`\\b${fewer.notes}\\b.*\\b${all.notes}\\b`));
      await page.reload();
      assert.deepEqual(await page.evaluate(shown), fewer);
      await page.locator(`.lenses label:has([name="${name}"])`).first().click();
      assert.deepEqual(await page.evaluate(shown), all);
      await finish();
    });
  }

  test('filters without a hit say so, and a filter scrolls to its first hit', async () => {
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await page.evaluate(() => document.querySelector('.lenses [name="tone"]').click());
    const seen = await page.evaluate(() => [...document.querySelectorAll('#source mark:not([data-kinds=""])')].some((mark) => mark.getBoundingClientRect().top > 0 && mark.getBoundingClientRect().top < innerHeight));
    assert.ok(seen, 'a passage is in view');
    const verdict = await page.evaluate(() => [...document.querySelectorAll('[data-note]')].find((note) => note.dataset.tone !== 'sound' && note.dataset.verdict).dataset);
    await page.evaluate(({ kind, verdict }) => {
      const select = document.querySelector('.lenses select[name="verdict"]');
      select.value = `${kind} ${verdict}`;
      select.dispatchEvent(new Event('change', { bubbles: true }));
    }, { kind: verdict.kind, verdict: verdict.verdict });
    assert.equal((await page.evaluate(shown)).references, 0);
    assert.match(await page.locator('.lenses output').innerText(), /No notes match/);
    await page.locator('.lenses [type="reset"]').click();
    await page.waitForFunction(() => document.querySelector('#source a.note-ref:not(.off)'));
    await finish();
  });

  test('one verdict can be selected', async () => {
    await more(page);
    const option = page.locator('.lenses select[name="verdict"] option:not([value=""])').first();
    const count = Number((await option.textContent()).match(/\((\d+)\)/)[1]);
    await page.locator('.lenses select[name="verdict"]').selectOption(await option.getAttribute('value'));
    assert.equal((await page.evaluate(shown)).notes, count);
    await finish();
  });

  test('text only: no notes and no marks are visible', async () => {
    await choose(page, 'text');
    const { notes, references } = await page.evaluate(shown);
    assert.deepEqual([notes, references], [0, 0]);
    const lines = await page.evaluate(() => [...document.querySelectorAll('#source mark')].map((mark) => getComputedStyle(mark).textDecorationLine));
    assert.ok(lines.every((line) => line === 'none'));
    await finish();
  });

  test('a link to a hidden note shows the note', async () => {
    const kind = await page.locator('[data-note]').nth(5).getAttribute('data-kind');
    const id = await page.locator('[data-note]').nth(5).getAttribute('id');
    const others = page.locator(`.lenses label:has([name="kind"]:not([value="${kind}"]))`);
    await others.first().click();
    assert.ok(!(await page.locator(`[id="${id}"]`).isVisible()));
    await page.evaluate((id) => (location.hash = id), id);
    assert.ok(await page.locator(`[id="${id}"]`).isVisible());
    await finish();
  });
});

test('with hundreds of notes, visible notes are updated first', async () => {
  const page = await open(browser, 1440);
  await page.goto(folder(dense()).base + 'notes-400/index.html');
  const inView = () => page.evaluate(() => [...document.querySelectorAll('#source a.note-ref')].filter((ref) => {
    const { top, height } = ref.getBoundingClientRect();
    return height > 1 && top > 0 && top < innerHeight;
  }).map((ref) => ref.dataset.kind));
  const kinds = await page.evaluate(() => [...document.querySelectorAll('.lenses [name="kind"]')].map((box) => box.value));
  const all = (await page.evaluate(shown)).references;
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight / 2));
  const gone = new Set(kinds.slice(0, -1));
  await page.evaluate((kind) => document.querySelector(`.lenses [name="kind"][value="${kind}"]`).click(), kinds.at(-1));
  assert.deepEqual((await inView()).filter((kind) => gone.has(kind)), []);
  const left = await page.locator(`#source a.note-ref[data-kind="${kinds.at(-1)}"]`).count();
  const isLeft = (count) => document.querySelectorAll('#source a.note-ref:not(.off)').length === count;
  await page.waitForFunction(isLeft, left);
  await page.locator('.lenses [type="reset"]').click();
  await page.waitForFunction(isLeft, all);
  await page.context().close();
});

test('j and k move between notes, ? shows the shortcuts, Escape closes them', async () => {
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

describe('map, links to copy, views', () => {
  let site, page, found;
  beforeEach(async () => {
    site = await serve(edition());
    page = await open(browser, 1440, { permissions: ['clipboard-read', 'clipboard-write'] });
    found = faults(page, site.base);
    await page.goto(site.base + 'kratom-gad/index.html?verdict=marketing-claim+misleading');
  });
  const finish = async () => {
    assert.deepEqual(found, []);
    await page.context().close();
    site.close();
  };
  const copied = async (name) => {
    await page.locator(`details[open] .tools [name="${name}"]`).click();
    await page.locator('.status:not(:empty)').waitFor();
    return page.evaluate(() => navigator.clipboard.readText());
  };

  test('each entry on the map links to its own passage', async () => {
    const links = await page.evaluate(() => [...document.querySelectorAll('.map svg a')].map((link) => decodeURIComponent(link.getAttribute('href').slice(1))));
    const passages = await page.evaluate(() => [...document.querySelectorAll('#source [id^="passage-"]')].map((place) => place.id));
    assert.deepEqual(links.sort(), passages.sort());
    await finish();
  });

  test('copied links and citations lead to the note, without the current filters', async () => {
    await page.locator('details:not(.off):has(> [data-note]) summary').first().click();
    const id = await page.locator('details[open] [data-note]').getAttribute('id');
    const [note, passage, citation] = [await copied('note'), await copied('passage'), await copied('citation')];
    assert.equal(note, `${site.base}kratom-gad/index.html#${id}`);
    const number = await page.locator(`[id="${id}"]`).getAttribute('data-number');
    assert.ok(citation.includes(`note ${number} on`) && citation.endsWith(note), citation);
    await page.goto('about:blank');
    await page.goto(note);
    assert.ok(await page.locator(`[id="${id}"]`).evaluate(inSight), 'the note is in view');
    await page.goto('about:blank');
    await page.goto(passage);
    assert.match(passage, /:~:text=/);
    const mark = page.locator(`[id="${id.replace('note-', 'passage-')}"]`);
    await page.waitForFunction((element) => element.getBoundingClientRect().top < innerHeight, await mark.elementHandle());
    await finish();
  });

  test('notes only: all notes are open, and the count excludes filtered notes', async () => {
    await choose(page, 'notes');
    const [open, of] = (await page.locator('.lenses output').textContent()).match(/\d+/g).map(Number);
    assert.equal(await page.locator('details[open]:not(.off) > [data-note]').count(), open);
    assert.equal(await page.locator('[data-note]').count(), of);
    assert.ok(!(await page.locator('#source').isVisible()));
    await page.reload();
    assert.equal(await page.locator('details[open]:not(.off) > [data-note]').count(), open);
    await finish();
  });

  test('expanded notes do not overlap, and j moves between them', async () => {
    await choose(page, 'open');
    const [open] = (await page.locator('.lenses output').textContent()).match(/\d+/g).map(Number);
    assert.equal(await page.locator('details[open]:not(.off) > [data-note]').count(), open);
    const boxes = (await page.evaluate(notes)).filter(({ visible }) => visible);
    assert.equal(boxes.length, open);
    assert.deepEqual(overlaps(boxes), []);
    assert.ok(await page.locator('#source').isVisible());
    const order = boxes.map(({ id }) => `#note-${id}`);
    const here = () => page.evaluate(() => decodeURIComponent(location.hash));
    await page.keyboard.press('j');
    const first = order.indexOf(await here());
    await page.keyboard.press('j');
    assert.ok(first >= 0);
    assert.equal(await here(), order[first + 1]);
    await choose(page, '');
    assert.ok((await page.locator('details[open] > [data-note]').count()) <= 1);
    await finish();
  });

  test('a tag can be selected', async () => {
    await page.goto(site.base + 'kratom-gad/index.html');
    const tag = (await page.locator('[data-tags]').first().getAttribute('data-tags')).split(' ')[0];
    await more(page);
    await page.locator('.lenses select[name="tag"]').selectOption(tag);
    assert.equal((await page.evaluate(shown)).notes, await page.locator(`[data-tags~="${tag}"]`).count());
    await finish();
  });

  test('the reading position is remembered', async () => {
    await page.goto(site.base + 'kratom-gad/index.html');
    await page.locator('#p-13').evaluate((block) => scrollTo(0, scrollY + block.getBoundingClientRect().top));
    await page.goto(site.base + 'about/index.html');
    await page.goto(site.base + 'kratom-gad/index.html');
    await page.locator('.status a').click();
    assert.ok(await page.locator('#p-13').evaluate(inSight));
    await finish();
  });
});

test('on a phone a note sheet links to the next note', async () => {
  const page = await open(browser, 390);
  await page.goto(folder(edition()).base + 'kratom-gad/index.html');
  await page.locator('#source a.note-ref').nth(3).click();
  const id = () => page.locator('details[open] [data-note]').getAttribute('id');
  const first = await id();
  const next = page.locator('details[open] .tools [name="next"]');
  assert.ok(await next.evaluate(inSight), 'the button for the next note is in view');
  await next.click();
  assert.notEqual(await id(), first);
  await page.context().close();
});

describe('link targets are shown', () => {
  const visit = async (width, address) => {
    const page = await open(browser, width);
    await page.goto(folder(edition()).base + address);
    await page.waitForFunction(() => document.readyState === 'complete');
    return page;
  };
  test('a linked note on a phone', async () => {
    for (const id of ['common-disorders', 'lancet-2019', 'next-steps']) {
      const page = await visit(390, `ketamine-troches/index.html#note-${id}`);
      assert.ok(await page.locator(`[id="note-${id}"]`).evaluate(inSight));
      await page.context().close();
    }
  });

  test('a passage and a paragraph, in the view with notes only', async () => {
    for (const link of ['#notes .quoted a', 'a.skip']) {
      const page = await visit(1440, 'kratom-gad/index.html?view=notes');
      const found = page.locator(link).last();
      await found.evaluate((element) => element.click());
      assert.ok(await page.locator('#source').isVisible(), link);
      await page.context().close();
    }
  });

  test('on a phone, expanded notes follow their paragraph', async () => {
    const page = await visit(390, 'kratom-gad/index.html?view=open');
    const order = await page.evaluate(() => {
      const children = [...document.querySelectorAll('#source > *')];
      const blocks = children.map((block, at) => ({ at: at + 1, top: block.getBoundingClientRect().top }));
      const groups = [...document.querySelectorAll('#notes .group[id^="group-"]')].map((group) => ({ at: group.id.slice(6) - 0 + 0.5, top: group.getBoundingClientRect().top }));
      return [...blocks, ...groups].sort((a, b) => a.top - b.top).map(({ at }) => at);
    });
    assert.deepEqual(order, order.toSorted((a, b) => a - b));
    await page.context().close();
  });

  test('a note, in the view with text only', async () => {
    const page = await visit(1440, 'kratom-gad/index.html?view=text');
    assert.match(await page.locator('.lenses output').textContent(), /^0\b/);
    await page.keyboard.press('j');
    const id = await page.evaluate(() => location.hash.slice(1));
    assert.ok(await page.locator(`[id="${id}"]`).isVisible());
    await page.context().close();
  });

  test('after a note is closed, j opens the next one', async () => {
    const page = await visit(1440, 'kratom-gad/index.html');
    const order = await page.evaluate(() => [...document.querySelectorAll('[data-note]')].map((note) => `#${note.id}`));
    for (let n = 0; n < 7; n++) await page.keyboard.press('j');
    const at = order.indexOf(await page.evaluate(() => location.hash));
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    assert.equal(await page.evaluate(() => location.hash), order[at + 1]);
    await page.context().close();
  });

  test('changing the view keeps the reading position', async () => {
    const page = await visit(1440, 'kratom-gad/index.html');
    await page.evaluate(() => document.getElementById('p-12').scrollIntoView());
    const top = () => page.evaluate(() => document.getElementById('p-12').getBoundingClientRect().top);
    const before = await top();
    for (const view of ['notes', 'open', 'text', 'notes', '']) await choose(page, view);
    assert.ok(Math.abs((await top()) - before) < 40, `${before} and ${await top()}`);
    await page.context().close();
  });
});
