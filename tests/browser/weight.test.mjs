// The number of bytes that a first visit transfers.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { edition, pages } from './support/sites.mjs';

/** The limit for a page with 30 notes, including styles and scripts. */
const MAX_BYTES = 60 * 1024;

test('a page and the files it loads are below the limit', () => {
  for (const page of pages(edition())) {
    const html = fs.readFileSync(path.join(edition(), page), 'utf8');
    const loaded = [...html.matchAll(/<(?:link[^>]*\brel="(?:stylesheet|icon)"[^>]*\bhref|script[^>]*\bsrc)="([^"]+)"/g)].map(([, href]) => href);
    const files = [page, ...loaded.map((href) => path.posix.join(path.posix.dirname(page), href))];
    const weight = files.map((file) => gzipSync(fs.readFileSync(path.join(edition(), file))).length).reduce((sum, bytes) => sum + bytes);
    assert.ok(weight <= MAX_BYTES, `${page}: ${weight} bytes`);
  }
});
