// The parts of search.js that have to agree with the indexer, without a browser. `src/search/tests.rs` checks the indexer
// against the same file.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { suite, test } from 'node:test';
import vm from 'node:vm';

const read = (path) => fs.readFileSync(new URL(path, import.meta.url), 'utf8');
const SHARED = JSON.parse(read('../search/index.json'));
const SCRIPT = read('../../theme/search.js');

/** Evaluates an expression inside search.js, which is loaded into a page without elements. */
const inside = (() => {
  const hook = 'globalThis.postilSearch.words = words;';
  assert.ok(SCRIPT.includes(hook));
  const page = { document: { documentElement: { classList: { add() {} } }, addEventListener() {} }, location: { search: '', hash: '' }, URLSearchParams, TextEncoder };
  vm.runInNewContext(SCRIPT.replace(hook, 'globalThis.inside = (code) => eval(code);'), page);
  return page.inside;
})();

const ranges = (pairs) => pairs.map((pair) => pair.split('-').map((end) => parseInt(end, 16)));
/** All characters that `test` accepts, as ranges. */
const accepted = (test) => {
  const found = [];
  for (let code = 0; code <= 0x10ffff; code += 1) {
    if ((code >= 0xd800 && code < 0xe000) || !test(String.fromCodePoint(code))) continue;
    if (found.at(-1)?.[1] === code - 1) found.at(-1)[1] = code;
    else found.push([code, code]);
  }
  return found;
};
const same = (actual, expected, what) => assert.deepEqual(JSON.parse(JSON.stringify(actual)), expected, what);

suite('search.js and the indexer agree on', () => {
  test('limits', () => {
    const { limits } = SHARED;
    same(inside('[MAX_LENGTH, FOLDER, PAIR_BITS]'), [limits.word_length, limits.files_per_folder, limits.pair_bits]);
    assert.ok(SCRIPT.includes(`['text', ${SHARED.classes.map((name) => `'${name}'`).join(', ')}].includes(kind)`));
  });
  test('scripts without spaces', () => {
    same(accepted((character) => inside('WITHOUT_SPACES').test(character)), ranges(SHARED.unspaced));
  });
  test('accents, invisible characters and letters that are replaced', () => {
    same(accepted((character) => character.search(inside('ACCENTS')) === 0), ranges(SHARED.accents));
    const neither = (character) => inside('/^[^\\p{Alphabetic}\\p{N}\\p{M}]$/u').test(character);
    same(accepted((character) => neither(character) && character.search(inside('RUN')) === 0), ranges(SHARED.invisible));
    same(inside('LETTERS'), SHARED.letters);
  });
  test('numbers', () => {
    for (const [number, code] of Object.entries(SHARED.numbers)) same([...inside('numbers')(code)], [Number(number)], code);
    same([...inside('numbers')(Object.values(SHARED.numbers).join(''))], Object.keys(SHARED.numbers).map(Number));
  });
  test('ranks of places', () => {
    for (const [place, rank] of Object.entries(SHARED.ranks)) same(inside('rank')(Number(place)), rank, place);
  });
  test('hashes of words and numbers of pairs', () => {
    for (const [word, hash] of Object.entries(SHARED.hashes)) same(inside('hash')(word) >>> 0, hash, word);
    for (const [one, other, number] of SHARED.pairs) same(inside('numberOfPair')(one, other), number, `${one} ${other}`);
  });
});
