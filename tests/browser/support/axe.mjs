// Loads the source of axe-core, which is run inside pages.
import fs from 'node:fs';
import { createRequire } from 'node:module';

export const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
