// The search page. The index is a set of script files, so that it also works on file://, where pages cannot fetch
// data. A search loads the files for its words and for the results it shows. docs/search.md describes the files.
// A "place" is one indexed unit: a paragraph, heading, note, preface, page or work.
(() => {
  'use strict';

  // Set the classes before the first paint, so that nothing shifts later.
  const html = document.documentElement;
  html.classList.add('js');
  const queryOf = () => new URLSearchParams(location.search || location.hash.slice(1));
  if (queryOf().get('q')) html.classList.add('asked');

  // Tokenizer. It has to split and fold text as the indexer does; both are tested with tests/search/words.json.

  const RUN = /[\p{Alphabetic}\p{N}\p{M}\u00ad\u200b-\u200d\u2060\ufeff]+/gu;
  // Scripts written without spaces between words. The indexer has the same ranges.
  const NO_SPACES = '\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3040-\u318f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\u{20000}-\u{3ffff}';
  const SAME_SCRIPT = new RegExp(`[${NO_SPACES}]+|[^${NO_SPACES}]+`, 'gu');
  const WITHOUT_SPACES = new RegExp(`^[${NO_SPACES}]`, 'u');
  const MAX_LENGTH = 40;
  const ACCENTS = /[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]/g;
  const LETTERS = { ß: 'ss', æ: 'ae', œ: 'oe', þ: 'th', ø: 'o', ł: 'l', đ: 'd', ð: 'd', ı: 'i', ς: 'σ' };
  const fold = run => run.normalize('NFKD').replace(/[^\p{Alphabetic}\p{N}\p{M}]/gu, '').replace(ACCENTS, '').toLowerCase()
    .replace(/[ßæœþøłđðıς]/g, letter => LETTERS[letter]).replace(ACCENTS, '').normalize('NFC');

  /** The words of a text with their positions. Text without spaces gives overlapping pairs of characters. */
  const words = text => {
    const found = [];
    for (const { 0: run, index } of text.matchAll(RUN)) {
      const folded = fold(run);
      // If folding keeps the length, positions inside the run are exact. Otherwise highlight the whole run.
      const exact = folded.length === run.length;
      for (const { 0: part, index: at } of folded.matchAll(SAME_SCRIPT)) {
        const place = (start, length) => exact ? [index + at + start, index + at + start + length] : [index, index + run.length];
        if (WITHOUT_SPACES.test(part)) {
          const characters = [...part];
          let start = 0;
          characters.forEach((character, n) => {
            const word = character + (characters[n + 1] ?? '');
            found.push({ word, place: place(start, word.length), tail: n > 0 && n + 1 === characters.length });
            start += character.length;
          });
        } else if (/[\p{Alphabetic}\p{N}]/u.test(part)) {
          found.push({ word: [...part].slice(0, MAX_LENGTH).join(''), place: place(0, part.length), tail: false });
        }
      }
    }
    return found;
  };

  // Index files. Each file calls postilSearch with its key and its contents.

  const files = new Map();
  const held = new Map();
  globalThis.postilSearch = (key, value) => held.set(key, value);
  // Exposed for the tests.
  globalThis.postilSearch.words = words;
  let base = '';
  const load = (path, key) => {
    if (!files.has(key)) {
      files.set(key, new Promise((ready, failed) => {
        const script = document.createElement('script');
        script.src = base + path + '.js';
        script.onload = () => ready(held.get(key));
        script.onerror = () => { files.delete(key); failed(new Error(path)); };
        document.head.append(script);
      }));
    }
    return files.get(key);
  };
  const root = async () => {
    const value = await load('root', 'root');
    value.starts ??= value.words.split(' ');
    return value;
  };
  const FOLDER = 1000;
  /** The places in a file in order, each with its page. */
  const placesIn = async number => {
    const groups = await load(`places/${Math.floor(number / FOLDER)}/${number}`, 'u' + number);
    return groups.flatMap(([href, title, first, count, units]) => units.map(unit => ({ unit, page: { href, title, first, count } })));
  };

  // Postings: the decoder for what the indexer writes

  function* numbers(code) {
    let number = 0;
    let weight = 1;
    for (let at = 0; at < code.length; at += 1) {
      const byte = code.charCodeAt(at);
      const value = byte - 35 - (byte > 92);
      number += value * weight;
      weight *= 29;
      if (value >= 62) continue;
      yield number;
      number = 0;
      weight = 1;
    }
  }
  const afterNumber = code => code.replace(/^[b-~]*./u, '');
  const TEXT = -1;
  /** Truncated lists keep the places with the highest rank. The rank depends on the place alone, so such lists can be compared. */
  const rank = place => Math.clz32(Math.imul(place, 0x9e3779b1));
  /** A list of places. `may` says whether a place is in the list or may have been left out of a truncated one. */
  const list = (places, level, count) => ({ places, level, count, may: place => places.has(place) || (level > 0 && rank(place) < level) });

  // Word lookup

  const shardOf = (starts, word) => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= word) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const shard = async number => {
    const text = await load('words/' + number, 'w' + number);
    const key = 'entries ' + number;
    if (!held.has(key)) {
      held.set(key, new Map((text ?? '').split(' ').filter(Boolean).map(entry => {
        const [word, ...rest] = entry.split('!');
        return [word, rest];
      })));
    }
    return held.get(key);
  };
  const entryOf = async word => {
    const { starts } = await root();
    const fields = (await shard(shardOf(starts, word))).get(word);
    if (!fields) return null;
    const code = fields.at(-1);
    const others = fields.slice(0, -1).map(other => [...word].slice(0, numbers(other).next().value).join('') + afterNumber(other));
    let read = null;
    return { word, count: numbers(code).next().value, others, get list() { return read ??= readPlaces(code); } };
  };
  const readPlaces = code => {
    const read = numbers(code);
    const count = read.next().value;
    const level = read.next().value;
    const places = new Map();
    let place = 0;
    for (let value = read.next().value; value !== undefined; value = read.next().value) {
      place += value >> 2;
      places.set(place, { strong: (value & 2) > 0, classIndex: value & 1 ? read.next().value : TEXT });
    }
    return list(places, level, count);
  };
  const MAX_FORMS = 24;
  /** Words of the index that start with the same letters as `word` and pass `test`, most frequent first. */
  const wordsStartingLike = async (word, test) => {
    const { starts } = await root();
    const first = shardOf(starts, word);
    const found = [];
    for (const number of [first, first + 1]) {
      if (number > first && !starts[number]?.startsWith(word)) break;
      for (const known of (await shard(number)).keys()) if (test(known)) found.push(known);
    }
    const entries = await Promise.all(found.slice(0, 200).map(entryOf));
    return entries.sort((a, b) => b.count - a.count).slice(0, MAX_FORMS);
  };
  const sharedLength = (a, b) => {
    let same = 0;
    while (same < a.length && a[same] === b[same]) same += 1;
    return same;
  };
  /** The forms of a word to search for, each with its weight. */
  const formsOf = async (word, exact) => {
    const own = await entryOf(word);
    const forms = own ? [{ entry: own, weight: 1 }] : [];
    const add = (entries, weight) => forms.push(...entries.filter(entry => entry && entry.word !== word).map(entry => ({ entry, weight })));
    let near = false;
    if (WITHOUT_SPACES.test(word)) {
      if ([...word].length === 1) add(await wordsStartingLike(word, known => known.startsWith(word)), 1);
    } else if (exact) {
      // A quoted word matches only itself.
    } else if (own) {
      add(await Promise.all(own.others.slice(0, MAX_FORMS).map(entryOf)), 0.8);
    } else if (word.length > 1) {
      add(await wordsStartingLike(word, known => known.startsWith(word)), 0.7);
      if (!forms.length && word.length > 3) {
        const most = Math.max(4, word.length - 3);
        add(await wordsStartingLike(word.slice(0, most), known => sharedLength(known, word) >= most && Math.abs(known.length - word.length) < 4), 0.5);
        near = forms.length > 0;
      }
    }
    return { forms, near };
  };

  // Pairs of adjacent words

  const PAIR_BITS = 24;
  const hash = word => {
    const bytes = new TextEncoder().encode(word);
    let value = bytes.length;
    for (let at = 0; at < bytes.length; at += 4) {
      value = Math.imul(value ^ (bytes[at] | (bytes[at + 1] ?? 0) << 8 | (bytes[at + 2] ?? 0) << 16 | (bytes[at + 3] ?? 0) << 24), 0x9e3779b1);
      value ^= value >>> 15;
    }
    return value;
  };
  const numberOfPair = (one, other) => {
    const first = hash(one);
    const mixed = Math.imul((first << 11 | first >>> 21) ^ hash(other), 0x85ebca6b);
    return Math.imul(mixed ^ mixed >>> 13, 0xc2b2ae35) >>> (32 - PAIR_BITS);
  };
  /** The places that contain two adjacent words. Hash collisions can add others. */
  const pairOf = async (one, other) => {
    const { pair_bits: bits } = await root();
    const pair = numberOfPair(one, other);
    const file = pair >>> (PAIR_BITS - bits);
    const text = await load('pairs/' + file, 'p' + file);
    let known = 0;
    for (const entry of text.split(' ')) {
      const read = numbers(entry);
      const head = read.next().value;
      if (head === undefined) break;
      known += head >>> 1;
      if (known < pair) continue;
      if (known > pair) break;
      const level = head & 1 ? read.next().value : 0;
      const places = new Map();
      let place = 0;
      for (const distance of read) places.set(place += distance, null);
      return list(places, level, places.size * 2 ** level);
    }
    return list(new Map(), 0, 0);
  };

  // Query

  const QUOTED = /["“”„«»]([^"“”„«»]*)["“”„«»]?/g;
  /** The words and phrases of a query. Several words written without spaces count as a phrase. */
  const parse = asked => {
    const items = [];
    const add = (text, quoted) => {
      const found = words(text);
      const tail = found.at(-1)?.tail ?? false;
      if (tail) found.pop();
      if (found.length) items.push({ words: found.map(({ word }) => word), quoted, tail, written: text.trim() });
    };
    let at = 0;
    const bare = text => { for (const word of text.split(/\s+/)) add(word, false); };
    for (const quoted of asked.matchAll(QUOTED)) {
      bare(asked.slice(at, quoted.index));
      add(quoted[1], true);
      at = quoted.index + quoted[0].length;
    }
    bare(asked.slice(at));
    return items.slice(0, 12);
  };

  const rarityOf = (count, total) => Math.log(1 + (Math.max(0, total - count) + 0.5) / (count + 0.5));
  const MAX_PAIRS = 4;
  /** A few pairs from different parts of a phrase, enough to distinguish it from others. */
  const pairsOf = phrase => {
    const all = phrase.slice(1).map((word, n) => [phrase[n], word]);
    if (all.length <= MAX_PAIRS) return all;
    return Array.from({ length: MAX_PAIRS }, (_, n) => all[Math.round(n * (all.length - 1) / (MAX_PAIRS - 1))]);
  };

  /** The places that may contain a phrase. */
  const findPhrase = async (item, total) => {
    const lists = await Promise.all(pairsOf(item.words).map(([one, other]) => pairOf(one, other)));
    item.forms = item.words.map(word => new Map([[word, 1]]));
    const count = Math.min(...lists.map(({ count }) => count));
    item.rarity = rarityOf(count, total) * 1.5;
    const [best] = lists.toSorted((a, b) => a.level - b.level || a.places.size - b.places.size);
    const places = new Map();
    for (const place of best.places.keys()) {
      if (!lists.every(list => list.may(place))) continue;
      const sure = lists.filter(list => list.places.has(place)).length / lists.length;
      places.set(place, { estimate: item.rarity * sure, classIndex: undefined });
    }
    item.list = list(places, best.level, count);
    item.truncated = item.list.level > 0;
    item.common = item.truncated;
    item.similar = false;
    return item;
  };
  /** The places that contain a word in any of its forms. */
  const findWord = async (item, total) => {
    const { forms, near } = await formsOf(item.words[0], item.quoted);
    item.forms = [new Map(forms.map(({ entry, weight }) => [entry.word, weight]))];
    item.similar = near;
    const count = Math.min(total, forms.reduce((sum, { entry }) => sum + entry.count, 0));
    item.rarity = rarityOf(count, total);
    const places = new Map();
    let level = 0;
    for (const { entry, weight } of forms) {
      level = Math.max(level, entry.list.level);
      for (const [place, { strong, classIndex }] of entry.list.places) {
        const estimate = item.rarity * weight * (strong ? 1.6 : 1);
        if (!(places.get(place)?.estimate >= estimate)) places.set(place, { estimate, classIndex });
      }
    }
    item.list = list(places, level, count);
    item.truncated = level > 0;
    item.common = item.truncated || count > total / 4;
    return item;
  };

  /** All candidate places, best first. */
  const search = async asked => {
    const { places: total } = await root();
    const items = await Promise.all(parse(asked).map(item => item.words.length > 1 ? findPhrase(item, total) : findWord(item, total)));
    if (!items.length) return null;
    const rare = items.filter(item => !item.common || item.quoted);
    const needed = rare.length ? rare : items;
    const pairs = await adjacentPairs(items);
    const found = new Map();
    const add = place => {
      if (found.has(place) || !needed.every(({ list }) => list.may(place))) return;
      const here = pairs.filter(({ list }) => list.places.has(place));
      const more = here.reduce((sum, pair) => sum + pair.estimate, 0);
      // A place that has all words of the query in a row counts double.
      let estimate = pairs.every(({ list }) => list.may(place)) ? more * 2 : more;
      let classIndex;
      for (const item of items) {
        const known = item.list.places.get(place);
        classIndex ??= known?.classIndex;
        if (known) estimate += known.estimate;
        else if (here.some(({ one, other }) => one === item || other === item)) estimate += item.rarity;
        // A truncated list may have left this place out.
        else if (item.list.may(place)) estimate += item.rarity * Math.min(1, item.list.count / total);
      }
      found.set(place, { estimate, classIndex });
    };
    const [best] = needed.toSorted((a, b) => a.list.level - b.list.level || a.list.places.size - b.list.places.size);
    for (const place of best.list.places.keys()) add(place);
    for (const { list } of pairs) for (const place of list.places.keys()) add(place);
    let some = false;
    if (!found.size && items.length > 1) {
      for (const { list } of items) for (const [place, { estimate, classIndex }] of list.places) found.set(place, { estimate: estimate + (found.get(place)?.estimate ?? 0), classIndex });
      some = found.size > 0;
    }
    const candidates = [...found].map(([place, { estimate, classIndex }]) => ({ place, estimate, classIndex }));
    candidates.sort((a, b) => b.estimate - a.estimate || a.place - b.place);
    return { items, needed, some, candidates };
  };
  /** The rarest pairs of adjacent unquoted words, with the score that each adds. */
  const adjacentPairs = async items => {
    const pairs = items.slice(1).map((item, n) => ({ one: items[n], other: item }))
      .filter(({ one, other }) => !one.tail && one.list.count && other.list.count);
    pairs.sort((a, b) => a.one.list.count * a.other.list.count - b.one.list.count * b.other.list.count);
    return Promise.all(pairs.slice(0, MAX_PAIRS).map(async ({ one, other }) => ({
      one,
      other,
      list: await pairOf(one.words.at(-1), other.words[0]),
      estimate: one.rarity + other.rarity + ADJACENT_BONUS,
    })));
  };
  /** The score added for adjacent words, regardless of how common they are. */
  const ADJACENT_BONUS = 1;

  // Scoring a place by its text

  const AVERAGE_LENGTH = 60;
  /** The score of a place and the positions of its hits. Null if a required word or phrase is not in the text. */
  const scoreOf = (unit, { items, needed, some }) => {
    // 0 for text, 1 for a heading, then the index in `classes` plus 2.
    const [, body, unitClass, title] = unit;
    // Rank paragraphs and notes above prefaces, works and pages.
    const share = unitClass < 2 || unitClass > 4 ? 1 : 0.6;
    const fields = [words(title), words(body)];
    const length = fields[0].length + fields[1].length;
    const hits = [[], []];
    const all = [];
    let score = 0;
    for (const item of items) {
      let weight = 0;
      fields.forEach((field, f) => {
        const fieldWeight = f === 0 || unitClass === 1 ? 2 : 1;
        for (let at = 0; at + item.words.length <= field.length; at += 1) {
          let fit = 1;
          for (let n = 0; n < item.words.length && fit; n += 1) fit *= item.forms[n].get(field[at + n].word) ?? 0;
          if (!fit) continue;
          weight += fit * fieldWeight;
          hits[f].push([field[at].place[0], field[at + item.words.length - 1].place[1]]);
          all.push({ item, field: f, at, end: at + item.words.length });
        }
      });
      if (!weight && needed.includes(item) && !some) return null;
      score += item.rarity * (weight * 2.2) / (weight + 1.2 * (0.5 + 0.5 * length / AVERAGE_LENGTH));
    }
    if (!score) return null;
    // Adjacent words in the order of the query.
    let adjacent = 0;
    for (let n = 1; n < items.length; n += 1) {
      const ends = new Set(all.filter(one => one.item === items[n - 1]).map(one => `${one.field} ${one.end}`));
      if (all.some(one => one.item === items[n] && ends.has(`${one.field} ${one.at}`))) adjacent += items[n - 1].rarity + items[n].rarity + ADJACENT_BONUS;
    }
    // All words of the query in a row count double.
    let ends = items.length > 1 ? all.filter(one => one.item === items[0]) : [];
    for (const item of items.slice(1)) ends = all.filter(one => one.item === item && ends.some(({ field, end }) => field === one.field && end === one.at));
    if (ends.length) adjacent *= 2;
    return { score: (score + adjacent) * share, hits };
  };

  // The page

  document.addEventListener('DOMContentLoaded', () => {
    const main = document.getElementById('search');
    base = main.dataset.index;
    const form = main.querySelector('form');
    const input = form.elements.q;
    const list = main.querySelector('.results');
    const status = main.querySelector('.found');
    const more = main.querySelector('.more');
    const template = document.getElementById('result').content.firstElementChild;
    const kindRadios = [...form.elements.kind];
    const { verdict, text: texts, clear } = form.elements;
    const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');

    const PAGE_SIZE = 10;
    // The most files to read for one batch of results, and the most if there are no results yet.
    const MAX_FILES = 8;
    const MAX_FILES_WITHOUT_RESULTS = 12;
    let latestSearch = 0;
    let state = null;

    const chosen = () => ({ q: input.value.trim(), kind: kindRadios.find(radio => radio.checked)?.value ?? '', verdict: verdict.value, text: texts.value });
    const write = () => {
      const query = new URLSearchParams(Object.entries(chosen()).filter(([, value]) => value));
      const address = query.size ? '?' + query : location.pathname;
      try { history.replaceState(history.state, '', address); } catch { location.hash = query.size ? '?' + query : ''; }
      clear.hidden = !(chosen().kind || verdict.value || texts.value);
    };

    /** The name of a place's class: `text`, or one of the classes in the index. */
    const classNameOf = (classIndex, classes) => classIndex < 0 ? 'text' : classes[classIndex] ?? '';
    const isPlain = kind => ['text', 'preface', 'work', 'page'].includes(kind);
    const isOfKind = (name, kind) => !kind || name === kind || name.startsWith(kind + ' ');

    const show = async asked => {
      const thisSearch = latestSearch += 1;
      const stale = () => thisSearch !== latestSearch;
      if (!asked) return clean();
      try {
        const found = await search(asked);
        if (stale()) return;
        if (!found) return clean();
        const { classes, per_file: perFile } = await root();
        state = { ...found, query: asked, classes, perFile, texts: new Map(), next: 0, results: [], stale };
        await restrict();
      } catch (error) {
        if (stale()) return;
        clean();
        status.textContent = status.dataset.failed;
        throw error;
      }
    };
    const clean = () => {
      state = null;
      list.replaceChildren();
      status.textContent = '';
      more.hidden = true;
      for (const part of form.querySelectorAll('fieldset, .choices')) part.hidden = true;
      html.classList.remove('asked');
    };

    /** Applies the filters to the candidates and shows the first results. */
    const restrict = async () => {
      const current = state;
      const { kind, verdict: wanted, text } = chosen();
      const range = text ? await rangeOf(text) : null;
      if (state !== current || current.stale()) return;
      current.passesFilters = isIn => ({ place, classIndex }) => (classIndex === undefined || isOfKind(classNameOf(classIndex, current.classes), wanted || kind)) && (!isIn || isIn(place));
      current.isIn = range && (place => place >= range[0] && place <= range[1]);
      current.queue = current.candidates.filter(current.passesFilters(current.isIn));
      current.next = 0;
      current.results = [];
      current.shown = PAGE_SIZE;
      list.replaceChildren();
      html.classList.add('asked');
      await advance();
    };
    /** The first and last place of a text. */
    const rangeOf = async path => {
      const ends = [...(await entryOf('/' + path))?.list.places.keys() ?? []];
      return ends.length ? [ends[0], ends.at(-1)] : [0, -1];
    };
    /** Reads places until there are enough results to show, or the limit of files is reached. */
    const advance = async () => {
      const current = state;
      const opened = new Set();
      while (current.next < current.queue.length && opened.size < (current.results.length ? MAX_FILES : MAX_FILES_WITHOUT_RESULTS)) {
        // Load up to four new files at a time.
        const batch = [];
        const fresh = new Set();
        while (current.next < current.queue.length && fresh.size < 4) {
          const candidate = current.queue[current.next];
          const file = Math.floor(candidate.place / current.perFile);
          if (!opened.has(file)) fresh.add(file);
          batch.push({ candidate, file });
          current.next += 1;
        }
        for (const file of fresh) opened.add(file);
        const read = await Promise.all(batch.map(({ file }) => placesIn(file)));
        if (state !== current || current.stale()) return;
        batch.forEach(({ candidate, file }, n) => {
          for (const { unit, page } of read[n]) if (page.href && classNameOf(unit[2] - 2, current.classes) !== 'page') current.texts.set(page.first, { ...page, path: page.href.replace(/\/?index\.html$/, '') });
          const { unit, page } = read[n][candidate.place - file * current.perFile] ?? {};
          const scored = unit && scoreOf(unit, current);
          if (unit) candidate.classIndex = unit[2] - 2 < 0 ? TEXT : unit[2] - 2;
          candidate.rejected = !scored;
          if (scored && current.passesFilters(null)(candidate)) current.results.push({ ...candidate, ...scored, unit, page });
        });
        if (current.results.length >= 2 * current.shown) break;
      }
      const rendered = list.children.length;
      const fixed = current.results.slice(0, rendered);
      const rest = current.results.slice(rendered).sort((a, b) => b.score - a.score || a.place - b.place);
      current.results = [...fixed, ...rest];
      render(rendered);
    };

    const render = from => {
      const { query, results, items, queue, next, shown, some } = state;
      list.append(...results.slice(from, shown).map(result));
      const done = next >= queue.length;
      // The index only gives candidates for a phrase, so count the places whose text was checked.
      const phrases = items.some(item => item.words.length > 1);
      const count = done || phrases ? results.length : queue.length;
      const { one, many, about, none, near, common } = status.dataset;
      const messages = [!results.length && done ? fill(none, { query }) : some ? status.dataset.some
        : !done && (phrases || items.some(item => item.truncated)) ? fill(about, { count }) : count === 1 ? one : fill(many, { count })];
      const unknown = items.find(item => item.similar);
      if (unknown && results.length) messages.push(fill(near, { word: unknown.written }));
      const onlyCommon = items.every(item => item.truncated) && items[0];
      if (onlyCommon) messages.push(fill(common, { word: onlyCommon.written }));
      status.textContent = messages.join(' ');
      more.hidden = done && results.length <= list.children.length;
      updateCounts();
    };
    more.firstElementChild.addEventListener('click', async () => {
      const at = list.children.length;
      state.shown += PAGE_SIZE;
      await advance();
      list.children[at]?.querySelector('a').focus();
    });

    /** Updates the counts beside the filters. Each counts the places that pass the other filters. */
    const updateCounts = () => {
      const { candidates, classes, texts: known, isIn } = state;
      const { kind, verdict: wanted, text } = chosen();
      const counts = new Map();
      const add = key => counts.set(key, (counts.get(key) ?? 0) + 1);
      const ranges = [...known.values()].filter(page => page.title);
      const places = new Uint32Array(ranges.length);
      for (const { place, classIndex, rejected } of candidates) {
        // Skip places whose text was read and did not match.
        if (rejected) continue;
        const name = classNameOf(classIndex, classes);
        if (!isIn || isIn(place)) {
          add('kind ');
          add('kind ' + name.split(' ')[0]);
          add('verdict ' + name);
        }
        if (classIndex !== undefined && !isOfKind(name, wanted || kind)) continue;
        const at = ranges.findIndex(({ first, count }) => place >= first && place < first + count);
        if (at >= 0) places[at] += 1;
      }
      for (const radio of kindRadios) {
        const count = counts.get('kind ' + radio.value) ?? 0;
        radio.closest('label').querySelector('.count').textContent = count;
        radio.closest('label').hidden = !count && !radio.checked;
      }
      form.querySelector('.sorts').hidden = kindRadios.filter(radio => !radio.closest('label').hidden).length < 2;
      for (const option of verdict.querySelectorAll('option[data-label]')) {
        const count = counts.get('verdict ' + option.value) ?? 0;
        option.textContent = `${option.dataset.label} (${count})`;
        option.hidden = option.disabled = !count && !option.selected;
      }
      for (const group of verdict.querySelectorAll('optgroup')) group.hidden = !group.querySelector('option:not([hidden])');
      const some = ranges.map((page, at) => ({ ...page, found: places[at] })).filter(({ found, path }) => found || path === text);
      some.sort((a, b) => b.found - a.found || a.first - b.first);
      const chosenTitle = texts.selectedOptions[0]?.dataset.label;
      texts.replaceChildren(texts.options[0], ...some.map(page => {
        const option = new Option(`${page.title} (${page.found})`, page.path);
        option.dataset.label = page.title;
        return option;
      }));
      if (text && ![...texts.options].some(option => option.value === text)) texts.append(new Option(chosenTitle ?? text, text));
      texts.value = text;
      // Hide filters that offer no choice.
      verdict.closest('label').hidden = !verdict.querySelector('option[data-label]:not([hidden])');
      texts.closest('label').hidden = !some.length && !text;
      write();
      form.querySelector('.choices').hidden = [verdict.closest('label'), texts.closest('label'), clear].every(part => part.hidden);
    };

    const result = ({ unit, page, hits, classIndex }) => {
      const item = template.cloneNode(true);
      const [fragment, body, , title] = unit;
      const name = classNameOf(classIndex, state.classes);
      const [kind, finding] = name.split(' ');
      const link = item.querySelector('a');
      const work = name === 'work';
      link.href = main.dataset.root + (work ? fragment : page.href + (fragment && '#' + encodeURIComponent(fragment)));
      const label = kindRadios.find(radio => radio.value === kind)?.nextElementSibling.dataset.label ?? '';
      const isNote = !isPlain(kind);
      const head = link.querySelector('.kind');
      if (isNote) {
        item.dataset.kind = kind;
        const option = finding && [...verdict.options].find(option => option.value === name);
        head.append(label);
        if (option) {
          const found = document.createElement('span');
          found.className = 'verdict';
          found.textContent = option.dataset.label;
          head.before(found, ' ');
          if (option.dataset.tone) item.dataset.tone = option.dataset.tone;
        }
      } else {
        head.textContent = label;
        head.classList.add('plain');
      }
      const heading = link.querySelector('.title');
      const snippet = item.querySelector('.words');
      if (isNote || work) highlight(heading, title, hits[0]);
      else if (fragment || kind === 'preface' || kind === 'page') heading.textContent = page.title;
      else highlight(heading, body, hits[1]);
      item.classList.toggle('work', work);
      if (work) highlight(snippet, body, hits[1]);
      else if (fragment || kind === 'preface' || kind === 'page') excerpt(snippet, body, hits[1]);
      else snippet.remove();
      const where = item.querySelector('.where');
      const paragraph = /^p-(\d+)$/.exec(fragment);
      where.textContent = isNote ? page.title : paragraph ? `¶ ${paragraph[1]}` : '';
      if (!where.textContent) where.remove();
      return item;
    };
    /** Appends text with its hits marked. White space is collapsed. */
    const highlight = (element, text, hits, from = 0, to = text.length) => {
      let at = from;
      const add = (end, parent) => {
        // Remove the space that a removed citation leaves before punctuation.
        const words = text.slice(at, end).replace(/\s+/g, ' ').replace(/ (?=[.,;)])/g, '');
        if (words) parent.append(words);
        at = end;
      };
      for (const [start, end] of hits.toSorted((a, b) => a[0] - b[0])) {
        if (end <= at || start < from || end > to) continue;
        add(Math.max(start, at), element);
        const mark = element.lastChild?.nodeName === 'MARK' && start <= at ? element.lastChild : document.createElement('mark');
        add(end, mark);
        element.append(mark);
      }
      add(to, element);
    };
    const EXCERPT_LENGTH = 260;
    /** Appends the part of a text with the most different hits. */
    const excerpt = (element, text, hits) => {
      let [from, best] = [0, -1];
      for (const [start] of hits) {
        const inside = new Set(hits.filter(([s, e]) => s >= start && e <= start + EXCERPT_LENGTH - 60).map(([s, e]) => fold(text.slice(s, e))));
        if (inside.size > best) [from, best] = [start, inside.size];
      }
      const back = text.lastIndexOf(' ', Math.max(0, from - 60));
      from = from < 90 ? 0 : back > from - 120 ? back + 1 : Math.max(0, from - 30);
      let to = Math.min(text.length, from + EXCERPT_LENGTH);
      if (to < text.length) to = Math.max(text.lastIndexOf(' ', to), to - 40);
      if (from) element.append('… ');
      highlight(element, text, hits, from, to);
      if (to < text.length) element.append(' …');
    };

    // Form

    let waiting = 0;
    const ask = () => {
      clearTimeout(waiting);
      write();
      return show(input.value.trim());
    };
    input.addEventListener('input', () => {
      clearTimeout(waiting);
      waiting = setTimeout(ask, 180);
    });
    form.addEventListener('submit', event => {
      event.preventDefault();
      ask();
    });
    form.addEventListener('change', event => {
      if (event.target === input || !state) return;
      // Each verdict belongs to one kind, so keep the two filters consistent.
      if (event.target.name === 'kind') verdict.value = '';
      if (event.target === verdict && verdict.value) for (const radio of kindRadios) radio.checked = radio.value === verdict.value.split(' ')[0];
      write();
      restrict();
    });
    clear.addEventListener('click', () => {
      kindRadios[0].checked = true;
      verdict.value = texts.value = '';
      write();
      if (state) restrict();
      input.focus();
    });

    // Keyboard

    const links = () => [...list.querySelectorAll('a')];
    main.addEventListener('keydown', event => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const at = links().indexOf(event.target);
      if (event.key === 'Escape' && event.target !== input) {
        event.preventDefault();
        input.select();
      } else if (event.target !== input && at < 0) {
        return;
      } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        const to = at + (event.key === 'ArrowDown' ? 1 : -1);
        if (at < 0 && to < 0) return;
        event.preventDefault();
        if (to < 0) input.focus();
        else (links()[to] ?? (more.hidden ? null : more.firstElementChild))?.focus();
      }
    });

    document.addEventListener('keydown', e => {
      if (e.key !== '/' || e.ctrlKey || e.metaKey || e.altKey || e.target.matches('input:not([type="radio"]), select')) return;
      let disabled = false;
      try { disabled = localStorage.getItem('postil keys') === 'off'; } catch { /* private browsing */ }
      if (disabled) return;
      e.preventDefault();
      input.select();
    });

    // State in the address

    const restore = () => {
      const query = queryOf();
      input.value = query.get('q') ?? '';
      for (const radio of kindRadios) radio.checked = radio.value === (query.get('kind') ?? '');
      if (!kindRadios.some(radio => radio.checked)) kindRadios[0].checked = true;
      verdict.value = query.get('verdict') ?? '';
      if (verdict.selectedIndex < 0) verdict.value = '';
      const text = query.get('text');
      if (text) {
        texts.append(new Option(text, text));
        texts.value = text;
      }
      return show(input.value.trim());
    };
    // On a telephone the keyboard would cover the results.
    if (!queryOf().has('q') || matchMedia('(hover: hover)').matches) input.focus({ preventScroll: true });
    restore();
    addEventListener('popstate', restore);
  });
})();
