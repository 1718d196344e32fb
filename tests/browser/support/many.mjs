// Generates a site of many texts whose word frequencies are like those of a natural language: few words are common, most
// are rare. Every tenth text is in a script without spaces.
import fs from 'node:fs';
import path from 'node:path';

/** A pseudo-random number generator, the same in every run. */
export function numbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 8;
  };
}

const random = numbers(7);
const pick = (list) => list[random() % list.length];

/** `count` different words, sorted by length, so that short words are more frequent. */
function vocabulary(count, make) {
  const words = new Set();
  while (words.size < count) words.add(make(words.size));
  return [...words].sort((a, b) => a.length - b.length);
}

const PARTS = ['b', 'd', 'f', 'k', 'l', 'm', 'n', 'p', 'r', 's', 't', 'br', 'st'].flatMap((first) => ['a', 'e', 'i', 'o', 'u', 'an', 'er', 'is'].map((rest) => first + rest));
const LATIN = vocabulary(8000, (known) => Array.from({ length: known < 60 ? 1 : 2 + (random() % 3) }, () => pick(PARTS)).join(''));
const CHARACTERS = vocabulary(2000, () => String.fromCodePoint(0x4e00 + (random() % 6000)));

/** A random word with a Zipf distribution: the first is twice as frequent as the second. */
function zipf(words) {
  const share = random() / 2 ** 24;
  return words[Math.min(words.length - 1, Math.floor((words.length + 1) ** share - 1))];
}

function sentence(words, joiner) {
  const written = Array.from({ length: 7 + (random() % 12) }, () => zipf(words)).join(joiner);
  return joiner ? `${written[0].toUpperCase()}${written.slice(1)}.` : `${written}。`;
}

/** Writes the site. Returns the address and the text of each paragraph and note. */
export function writeMany(folder, count) {
  const places = [];
  const write = (file, words) => {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), words);
  };
  write('site.toml', 'title = "Many texts"\n');
  for (let n = 0; n < count; n += 1) {
    const [words, joiner] = n % 10 === 9 ? [CHARACTERS, ''] : [LATIN, ' '];
    const some = (sentences) => Array.from({ length: sentences }, () => sentence(words, joiner)).join(joiner);
    const blocks = Array.from({ length: 6 }, () => `${n} ${some(5)}`);
    const notes = blocks.slice(0, 4).map((block, at) => ({ id: `n-${at}`, quote: block, body: some(2) }));
    write(`sources/text-${n}.md`, `+++\ntitle = "Text ${n}"\n+++\n\n${blocks.join('\n\n')}\n`);
    write(`annotations/text-${n}.md`, notes.map(({ id, quote, body }) => `## Note ${id} {#${id} .cited-study}\n\n> ${quote}\n\n${body}\n`).join('\n'));
    const href = `text-${n}/index.html`;
    places.push(...blocks.map((block, at) => ({ href: `${href}#p-${at + 1}`, runs: [block] })));
    places.push(...notes.map(({ id, body }) => ({ href: `${href}#note-${id}`, runs: [body] })));
  }
  return places;
}
