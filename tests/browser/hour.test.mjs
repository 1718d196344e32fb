// A new user's first hour: create a site, import a saved web page, write five notes on selected words, correct a
// misquoted passage, build the pages. The output and the duration of each step are written to out/hour.txt.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { faults, launch, open } from './support/browser.mjs';
import { POSTIL } from './support/sites.mjs';
import { selectWords } from './support/select.mjs';

/** A page as saved by a browser, including navigation and scripts around the article. */
const PAGE = `<!doctype html>
<html lang="en">
<head>
<title>The warm lamp method | Lampworks</title>
<meta name="author" content="A. Maker">
<link rel="canonical" href="https://lampworks.example/method">
<script>alert("tracked")</script>
</head>
<body>
<nav><a href="/">Home</a> <a href="/shop">Shop</a></nav>
<article>
<h1>The warm lamp method</h1>
<p>Our lamp is <em>clinically proven</em> to end winter tiredness within a week. Doctors everywhere recommend it to their
patients, and thousands of happy customers have written to tell us how the lamp has changed their mornings.</p>
<h2>The research</h2>
<p>In a 2019 study, 92% of users felt better after ten days of warm light. Another study showed that light can help with
sleep, which is why the lamp comes with a timer and a soft switch that you will hardly notice at your bedside.</p>
<h2>Is it safe?</h2>
<p>The lamp has no side effects whatsoever. It is suitable for everyone, at any age, as often as you like. No guideline
advises against warm light, and the lamp is cooled, so that it may be left on through the whole of the night.</p>
<p><img src="lamp.png" alt="A lamp"> Order today, and the second lamp is free.</p>
</article>
<aside><p>Subscribe to our newsletter!</p></aside>
<script src="https://tracker.example/t.js"></script>
</body>
</html>
`;

const NOTES = [
  ['clinically proven', 'Marketing claim', 'unsupported', 'Proven by whom?', 'No trial of this lamp is named.'],
  ['Doctors everywhere recommend it', 'Marketing claim', 'unverifiable', 'Which doctors?', 'Nobody is named, and nobody was asked.'],
  ['In a 2019 study, 92% of users felt better', 'Cited study', 'not-found', 'A study without a name', 'Neither authors nor journal are given.'],
  ['no side effects whatsoever', 'Marketing claim', 'misleading', 'None that was looked for', 'The text names no one who looked.'],
  ['No guideline advises against warm light', 'Guideline gap', 'omitted', 'What guidelines say', 'That none advises against it does not say that one recommends it.'],
];

let browser;
let folder;
const transcript = [];

before(async () => {
  browser = await launch();
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'postil hour '));
});
after(async () => {
  await browser?.close();
  fs.rmSync(folder, { recursive: true, force: true });
  const out = new URL('out/', import.meta.url);
  fs.mkdirSync(out, { recursive: true });
  fs.writeFileSync(new URL('hour.txt', out), transcript.join('\n'));
});

/** Runs a command and records its output. */
function run(line, cwd, status = 0) {
  const start = performance.now();
  const done = spawnSync(POSTIL, line.split(' '), { cwd, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
  const output = (done.stdout + done.stderr).replaceAll(folder, '…');
  transcript.push(`$ postil ${line}   (${Math.round(performance.now() - start)} ms, exit status ${done.status})`, output);
  assert.equal(done.status, status, output);
  return output;
}

test('a new user’s first hour', async () => {
  const site = path.join(folder, 'reader');
  run('init reader', folder);
  fs.writeFileSync(path.join(folder, 'method.html'), PAGE);
  fs.writeFileSync(path.join(folder, 'lamp.png'), Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64'));
  const imported = run('import ../method.html', site);
  assert.match(imported, /sources\/method\/index\.md/);
  const text = fs.readFileSync(path.join(site, 'sources/method/index.md'), 'utf8');
  assert.doesNotMatch(text, /tracker|newsletter|alert/);

  const server = spawn(POSTIL, ['serve', '--port', '0', '--edit'], { cwd: site, stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const lines = readline.createInterface({ input: server.stdout });
    const [first] = await new Promise((ready) => lines.once('line', (...line) => ready(line)));
    transcript.push('$ postil serve --edit', first, '');
    const page = await open(browser, 1440);
    await page.goto(`${first.match(/http:\S+/)[0]}method/index.html`);
    for (const [words, kind, verdict, title, body] of NOTES) {
      const start = performance.now();
      await selectWords(page, words);
      await page.getByRole('button', { name: 'Write a note' }).click();
      const form = page.getByRole('dialog');
      await form.getByLabel('Kind').selectOption({ label: kind });
      await form.getByLabel('Verdict').selectOption(verdict);
      await form.getByLabel('Title').fill(title);
      await form.getByLabel('Note (Markdown)').fill(body);
      await form.getByRole('button', { name: 'Save note' }).click();
      await page.locator('[data-note]', { hasText: body }).waitFor();
      transcript.push(`a note on “${words}” (${Math.round(performance.now() - start)} ms from selecting to seeing it)`);
    }
    await page.context().close();
  } finally {
    server.kill();
  }
  const layer = path.join(site, 'annotations/method.md');
  const notes = fs.readFileSync(layer, 'utf8');
  transcript.push('', '$ cat annotations/method.md', notes);

  run('check', site);
  fs.writeFileSync(layer, notes.replace('> no side effects whatsoever', '> no side efects whatsoever'));
  assert.match(run('check', site, 1), /anchor\.orphan.*no side effects whatsoever/s);
  assert.match(run('check --fix --yes', site), /wrote 1 change/);
  assert.equal(fs.readFileSync(layer, 'utf8'), notes, 'the typo is corrected, and nothing else has changed');

  run('build', site);
  const page = await open(browser, 1440);
  const base = pathToFileURL(path.join(site, 'public') + path.sep).href;
  const found = faults(page, base);
  await page.goto(`${base}index.html`);
  await page.getByRole('link', { name: 'The warm lamp method' }).first().click();
  assert.equal(await page.locator('[data-note]').count(), NOTES.length);
  for (const [words] of NOTES) {
    const marks = await page.locator('mark[data-notes]').allTextContents();
    assert.ok(marks.join('').includes(words), words);
  }
  assert.deepEqual(found, []);
  await page.context().close();
});
