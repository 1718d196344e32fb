// The pages that `postil export --to html` writes, each in a file of its own.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { launch, open } from './support/browser.mjs';
import { POSTIL, edition } from './support/sites.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'postil export é #1 '));
let browser;
before(async () => (browser = await launch()));
after(async () => {
  await browser.close();
  fs.rmSync(scratch, { recursive: true, force: true });
});

const textOf = (page) => page.evaluate(() => document.getElementById('source').textContent);

test('an exported page opens without requests, and its notes open', async () => {
  const run = spawnSync(POSTIL, ['export', '--to', 'html', '--site', ROOT, '-o', scratch + path.sep], { encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
  const files = fs.readdirSync(scratch).filter((name) => name.endsWith('.html'));
  assert.ok(files.length >= 3, files.join());
  for (const file of files) {
    const page = await open(browser, 1440, { offline: true });
    const problems = [];
    const address = pathToFileURL(path.join(scratch, file)).href;
    page.on('request', (request) => !request.url().startsWith('data:') && request.url() !== address && problems.push(request.url()));
    page.on('pageerror', (error) => problems.push(String(error)));
    await page.goto(address);
    const exported = await textOf(page);
    await page.locator('#source a.note-ref').first().click();
    assert.equal(await page.locator('details.note[open]').count(), 1, file);
    assert.deepEqual(problems, [], file);
    const built = await open(browser, 1440);
    await built.goto(pathToFileURL(path.join(edition(), file.replace('.html', ''), 'index.html')).href);
    assert.equal(exported, await textOf(built), file);
    await page.context().close();
    await built.context().close();
  }
});
