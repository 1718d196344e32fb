// Printed pages. The PDF files are written to out/ for manual review.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { folder, launch, open } from './support/browser.mjs';
import { dense, edition, output, readers } from './support/sites.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

describe('in print', () => {
  for (const [name, site] of Object.entries({ edition, dense })) {
    test(`every note is printed, controls are not: ${name}`, async () => {
      const page = await open(browser, 800);
      await page.emulateMedia({ media: 'print' });
      for (const file of readers(site())) {
        await page.goto(folder(site()).base + file);
        assert.deepEqual(await page.evaluate(printFaults), [], file);
        const pdf = await page.pdf({ path: output(file, 'print.pdf'), format: 'A4', preferCSSPageSize: true });
        assert.ok(pdf.subarray(0, 5).equals(Buffer.from('%PDF-')) && pdf.length > 10_000, file);
      }
      await page.context().close();
    });
  }
});

/** Finds notes that are not printed completely, marks without a line, and controls that are printed. */
function printFaults() {
  const shown = (element) => element.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true });
  const found = [];
  for (const note of document.querySelectorAll('[data-note]')) {
    const { width, height } = note.getBoundingClientRect();
    if (!shown(note) || ![...note.querySelectorAll('p:not(.by, .tools)')].every(shown) || width * height === 0) found.push(`${note.id} is not printed`);
  }
  for (const mark of document.querySelectorAll('#source mark[data-notes]')) {
    const style = getComputedStyle(mark);
    if (style.textDecorationLine === 'none' && style.borderBottomStyle === 'none') found.push(`the mark of ${mark.dataset.notes} has no line`);
  }
  for (const control of document.querySelectorAll('button, input, select, dialog')) {
    if (shown(control)) found.push(`a ${control.tagName.toLowerCase()} is printed`);
  }
  return found.slice(0, 5);
}
