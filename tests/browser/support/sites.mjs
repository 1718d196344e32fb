// The sites used by the tests. Each is built once per test file that uses it.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeDense } from './dense.mjs';
import { writeMany } from './many.mjs';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const TARGET = path.resolve(ROOT, process.env.CARGO_TARGET_DIR ?? 'target');
export const POSTIL = process.env.POSTIL ?? path.join(TARGET, 'debug', 'postil');

// The folder name contains characters that URLs have to encode, because a site has to work in any folder.
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'postil tests é #1 '));
process.on('exit', () => fs.rmSync(scratch, { recursive: true, force: true }));

/** The path in out/ for a screenshot or PDF of a page. */
export function output(page, rest) {
  const out = fileURLToPath(new URL('../out/', import.meta.url));
  fs.mkdirSync(out, { recursive: true });
  return path.join(out, `${page.replace(/\/?index\.html$/, '').replaceAll('/', '-') || 'home'}-${rest}`);
}

/** The edition in this repository. */
export const edition = once(() => build(ROOT, 'edition'));

/** The same texts without notes. */
export const bare = once(() => {
  const site = path.join(scratch, 'bare site');
  for (const part of ['site.toml', 'sources', 'theme']) {
    fs.cpSync(path.join(ROOT, part), path.join(site, part), { recursive: true });
  }
  return build(site, 'bare');
});

/** Three texts with 5, 50 and 400 notes, close together. */
export const dense = once(() => {
  const site = path.join(scratch, 'dense site');
  writeDense(site);
  return build(site, 'dense');
});

/** A site of 300 texts, and the text of each of its places. */
export const many = once(() => {
  const site = path.join(scratch, 'many site');
  const places = writeMany(site, 300);
  return { site: build(site, 'many'), places };
});

/** A site with one text and without search. */
export const unsearched = once(() => {
  const site = path.join(scratch, 'unsearched site');
  for (const [file, words] of [['site.toml', 'title = "One"\n\n[build]\nsearch = false\n'], ['sources/one.md', 'One word.\n'], ['annotations/one.md', '## Note {#n .cited-study}\n\n> One word.\n\nBody.\n']]) {
    fs.mkdirSync(path.dirname(path.join(site, file)), { recursive: true });
    fs.writeFileSync(path.join(site, file), words);
  }
  return build(site, 'unsearched');
});

/** A text with a note whose passage is not found. */
export const orphaned = once(() => {
  const site = path.join(scratch, 'orphaned site');
  fs.cpSync(path.join(ROOT, 'tests/sites/orphans-listed'), site, { recursive: true });
  return build(site, 'orphaned');
});

/** An Arabic edition with an Arabic and an English text. */
export const mixed = once(() => {
  const site = path.join(scratch, 'mixed site');
  const write = (file, words) => {
    fs.mkdirSync(path.dirname(path.join(site, file)), { recursive: true });
    fs.writeFileSync(path.join(site, file), words);
  };
  write('site.toml', 'title = "قراءة"\nlanguage = "ar"\n');
  for (const [language, words] of [['ar', 'الثعلب البني السريع يقفز فوق الكلب.'], ['en', 'The quick brown fox leaps over the dog.']]) {
    write(`sources/${language}.md`, `+++\nlanguage = "${language}"\n+++\n\n## ${words}\n\n${words} 1\n\n- ${words} 2\n`);
    write(`annotations/${language}.md`, `## ملاحظة {#one .marketing-claim}\n\n> ${words} 1\n\n${words}\n`);
  }
  return build(site, 'mixed');
});

/** How many register and work pages to test. The others have the same structure. */
const MAX_SIMILAR = 4;

/** The HTML files of a built site, relative to its folder. Only the largest of several similar pages is included. */
export function pages(site) {
  const files = fs.readdirSync(site, { recursive: true }).map((file) => file.split(path.sep).join('/'));
  // 404.html has no theme: hosts show it at any address.
  const html = files.filter((file) => file.endsWith('.html') && file !== '404.html').map((file) => ({ file, text: fs.readFileSync(path.join(site, file), 'utf8') }));
  const left = new Set();
  for (const kind of ['register', 'work']) {
    const alike = html.filter(({ text }) => text.includes(`<body class="${kind}">`)).sort((a, b) => b.text.length - a.text.length);
    for (const { file } of alike.slice(MAX_SIMILAR)) left.add(file);
  }
  return html.map(({ file }) => file).filter((file) => !left.has(file)).sort();
}

/** The reader pages among them. */
export function readers(site) {
  const beside = (page) => path.join(site, path.dirname(page), 'annotations.jsonld');
  const found = pages(site).filter((page) => page !== 'index.html' && fs.existsSync(beside(page)));
  if (!found.length) throw new Error(`no reader pages in ${site}`);
  return found;
}

/** The exported annotations of a reader page. */
export function annotations(site, page) {
  return JSON.parse(fs.readFileSync(path.join(site, path.dirname(page), 'annotations.jsonld'), 'utf8')).first.items;
}

function build(site, name) {
  if (!fs.existsSync(POSTIL)) throw new Error('no binary to test: run `cargo build`, or set POSTIL to its path');
  const output = path.join(scratch, name);
  const { status, stderr } = spawnSync(POSTIL, ['build', site, '--quiet', '-o', output], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`postil build: exit status ${status}\n${stderr}`);
  return output;
}

function once(make) {
  let made;
  return () => (made ??= make());
}
