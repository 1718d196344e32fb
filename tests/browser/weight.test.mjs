// What a first visit costs over the wire.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { edition, pages } from './support/sites.mjs';

/** The bar for a page with 30 notes, its styles and scripts included. */
const MOST = 60 * 1024;

test('a page with all it loads is light', () => {
  for (const page of pages(edition())) {
    const html = fs.readFileSync(path.join(edition(), page), 'utf8');
    const loaded = [...html.matchAll(/<(?:link[^>]*\brel="(?:stylesheet|icon)"[^>]*\bhref|script[^>]*\bsrc)="([^"]+)"/g)].map(([, href]) => href);
    const files = [page, ...loaded.map((href) => path.posix.join(path.posix.dirname(page), href))];
    const weight = files.map((file) => gzipSync(fs.readFileSync(path.join(edition(), file))).length).reduce((sum, bytes) => sum + bytes);
    assert.ok(weight <= MOST, `${page}: ${weight} bytes`);
  }
});
