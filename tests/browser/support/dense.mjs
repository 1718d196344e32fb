// Generates a site with dense notes: overlapping, across blocks, several per sentence, in lists, tables and headings.
// The output is the same in every run.
import fs from 'node:fs';
import path from 'node:path';

const NOUNS = 'reader report trial sample method outcome margin record witness letter custom council harvest signal'.split(' ');
const VERBS = 'weighs follows describes compares supports answers limits repeats explains measures'.split(' ');
const KINDS = [
  ['marketing-claim', ['supported', 'partly-supported', 'unsupported', 'contradicted', 'misleading']],
  ['cited-study', ['identified', 'likely', 'overstated', 'not-found']],
  ['guideline-gap', ['stated', 'omitted', 'none-found']],
];

/** Writes the site, with one text for each number of notes. */
export function writeDense(folder) {
  const write = (file, words) => {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), words);
  };
  write('site.toml', 'title = "Many notes"\ndescription = "Texts with notes close together."\nnotice = "Made up."\n');
  for (const count of [5, 50, 400]) {
    write(`sources/notes-${count}.md`, text(count));
    write(`annotations/notes-${count}.md`, notes(count));
  }
}

const pick = (list, number) => list[(number * 7 + (number >> 3)) % list.length];
const clause = (n) => `the ${pick(NOUNS, n)} ${pick(VERBS, n + 1)} the ${pick(NOUNS, n + 2)} of the ${pick(NOUNS, n + 5)}`;

/** Sentence `n`. All sentences differ, and so do their beginnings and ends. */
const sentence = (n) => `In case ${n} ${clause(n)}, and ${clause(n + 3)}, as page ${n} says.`;

/** A text in which sentence `n` is in block `n / 4`. Some blocks are lists, tables or block quotes. */
function text(count) {
  const blocks = [];
  for (let first = 0; first <= count; first += 4) {
    const four = [0, 1, 2, 3].map((step) => sentence(first + step));
    if (first % 40 === 0) blocks.push(`## Part ${first / 40 + 1} of the ${pick(NOUNS, first)}`);
    if (first % 28 === 12) blocks.push(four.map((words) => `- ${words}`).join('\n'));
    else if (first % 28 === 20) blocks.push(`| first | second |\n| --- | --- |\n| ${four[0]} | ${four[1]} |\n| ${four[2]} | ${four[3]} |`);
    else if (first % 28 === 24) blocks.push(`> ${four.join(' ')}`);
    else blocks.push(four.map((words, at) => (at === 2 ? words.replace('and', '*and*') : words)).join(' '));
  }
  return blocks.join('\n\n') + '\n';
}

function notes(count) {
  const preface = '+++\nlayer = "Made-up notes"\nauthor = "Nobody"\n+++\n\nA preface of [one sentence](#n-0).\n\n';
  return preface + Array.from({ length: count }, (_, n) => note(n, count)).join('\n');
}

/** Note `n`, on sentence `n` or more. The last but one is on a heading, the last on the text as a whole. */
function note(n, count) {
  const [kind, verdicts] = KINDS[n % KINDS.length];
  const about = n === count - 1 ? ' about=text' : n === count - 2 ? ' about=heading' : '';
  const body = Array.from({ length: 1 + (n % 3) }, (_, step) => `Of case ${n} ${clause(n + step + 9)}.`).join(' ');
  const heading = `## Finding ${n} on the ${pick(NOUNS, n)} {#n-${n} .${kind} verdict=${pick(verdicts, n)} tags=${pick(NOUNS, n % 4)}${about}}`;
  return `${heading}\n\n${quotes(n, count)}${body}\n`;
}

function quotes(n, count) {
  if (n === count - 1) return '';
  if (n === count - 2) return `> Part 1 of the ${pick(NOUNS, 0)}\n\n`;
  if (n % 5 === 1) return `> In case ${n} […] as page ${n + 1} says\n\n`;
  if (n % 7 === 2) return `> In case ${n} **${clause(n)}**\n\n> as page **${n}** says\n\n`;
  if (n % 3 === 0) return `> and ${clause(n + 3)}, as page ${n} says\n\n`;
  return `> ${sentence(n)}\n\n`;
}
