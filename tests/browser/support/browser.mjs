// Starts Chromium, and opens a built site from its folder or from a local server.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

export const WIDTHS = [390, 820, 1440];

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'];

/** The sets of fonts to test pages with, each with a file in fonts/ and a font that it needs. */
export const FONTS = { liberation: 'LiberationSerif-Regular.ttf', dejavu: 'DejaVuSerif.ttf' };

/** Starts Chromium with exactly one set of fonts, regardless of which fonts are installed. */
export function launch(fonts = 'liberation') {
  if (!installed().some((file) => file.endsWith(FONTS[fonts]))) throw new Error(`${FONTS[fonts]} is missing: install fonts-liberation and fonts-dejavu-core`);
  const env = { ...process.env, FONTCONFIG_FILE: fileURLToPath(new URL(`../fonts/${fonts}.conf`, import.meta.url)) };
  return chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', headless: true, args: FLAGS, env });
}

const installed = () => fs.readdirSync('/usr/share/fonts', { recursive: true });

/** Opens a page in a new context, with a window `width` pixels wide. */
export async function open(browser, width, { height = width < 500 ? 844 : 1000, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  return page;
}

/** Opens the site with file:// from its folder. */
export function folder(site) {
  return { name: 'from a folder', base: pathToFileURL(site + path.sep).href, close: () => {} };
}

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.jsonld': 'application/ld+json',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

/** The strictest content security policy that a host could set: nothing inline, nothing external. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'";

/** The number of pieces in which a slow server sends a page, and the pause between them in milliseconds. */
const [PIECES, PAUSE] = [5, 60];
/** The minimum size of a piece in bytes, about two packets. */
const PIECE = 3_000;

async function send(response, bytes) {
  const size = Math.max(PIECE, bytes.length / PIECES);
  for (let at = 0, end = 0; at < bytes.length; at = end) {
    if (at) await new Promise((ready) => setTimeout(ready, PAUSE));
    // Split only between lines: a partly loaded line of text always shifts when the rest arrives.
    end = bytes.indexOf('\n', at + size) + 1 || bytes.length;
    response.write(bytes.subarray(at, end));
  }
  response.end();
}

/** Serves the site from a local server, below some folders. With `slowly`, pages are sent in pieces. */
export async function serve(site, { slowly = false } = {}) {
  const under = '/some/where/';
  const server = http.createServer((request, response) => {
    const asked = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    const file = path.join(site, asked.startsWith(under) ? asked.slice(under.length) : '\0');
    const type = TYPES[path.extname(file)];
    if (!type || !fs.existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': type, 'content-security-policy': POLICY });
    if (slowly && type === TYPES['.html']) send(response, fs.readFileSync(file));
    else response.end(fs.readFileSync(file));
  });
  // Do not keep the process alive if a test fails before it closes the server.
  server.unref();
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  const close = () => (server.closeAllConnections(), server.close());
  return { name: 'served', base: `http://127.0.0.1:${server.address().port}${under}`, close };
}

/** Collects external requests, errors and dialogs of a page of the site at `base`. The list grows while the page is used. */
export function faults(page, base) {
  const found = [];
  page.on('request', (request) => request.url().startsWith(base) || found.push(`request to ${request.url()}`));
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText;
    // Navigating to the next page aborts pending requests, such as the icon.
    if (why !== 'net::ERR_ABORTED') found.push(`failed: ${request.url().slice(base.length)}: ${why}`);
  });
  page.on('response', (response) => response.status() >= 400 && found.push(`${response.status()}: ${response.url().slice(base.length)}`));
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && found.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => found.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => (found.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
  return found;
}
