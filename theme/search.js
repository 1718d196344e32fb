// The search page: finds places in the index, which stands in script files so that it needs no server.
// It loads a file for each word asked for and those of the texts it shows; docs/search.md describes them.
(() => {
  'use strict';

  // Before anything is painted, so that nothing moves afterwards.
  const html = document.documentElement;
  html.classList.add('js');
  const read = () => new URLSearchParams(location.search || location.hash.slice(1));
  if (read().get('q')) html.classList.add('asked');

  // Words: parted and folded as in src/search/words.rs; both are tried on tests/search/words.json

  const RUN = /[\p{Alphabetic}\p{N}\p{M}\u00ad\u200b-\u200d\u2060\ufeff]+/gu;
  // Scripts without spaces between words; the same ranges as in words.rs.
  const NO_SPACES = '\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3040-\u318f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\u{20000}-\u{3ffff}';
  const STRETCH = new RegExp(`[${NO_SPACES}]+|[^${NO_SPACES}]+`, 'gu');
  const UNSPACED = new RegExp(`^[${NO_SPACES}]`, 'u');
  const LONGEST = 40;
  const ACCENTS = /[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]/g;
  const LETTERS = { ß: 'ss', æ: 'ae', œ: 'oe', þ: 'th', ø: 'o', ł: 'l', đ: 'd', ð: 'd', ı: 'i', ς: 'σ' };
  const fold = run => run.normalize('NFKD').replace(/[^\p{Alphabetic}\p{N}\p{M}]/gu, '').replace(ACCENTS, '').toLowerCase()
    .replace(/[ßæœþøłđðıς]/g, letter => LETTERS[letter]).replace(ACCENTS, '').normalize('NFC');

  /** The words of a text with where they stand in it; pairs of characters overlap. */
  const words = text => {
    const found = [];
    for (const { 0: run, index } of text.matchAll(RUN)) {
      const folded = fold(run);
      // Where folding moves nothing, a pair is lit exactly; else the whole run is.
      const exact = folded.length === run.length;
      for (const { 0: stretch, index: at } of folded.matchAll(STRETCH)) {
        const place = (start, length) => exact ? [index + at + start, index + at + start + length] : [index, index + run.length];
        if (UNSPACED.test(stretch)) {
          const characters = [...stretch];
          let start = 0;
          characters.forEach((character, n) => {
            const word = character + (characters[n + 1] ?? '');
            found.push({ word, place: place(start, word.length), tail: n > 0 && n + 1 === characters.length });
            start += character.length;
          });
        } else if (/[\p{Alphabetic}\p{N}]/u.test(stretch)) {
          found.push({ word: [...stretch].slice(0, LONGEST).join(''), place: place(0, stretch.length), tail: false });
        }
      }
    }
    return found;
  };

  // Files: each calls postilSearch with its key and what it holds

  const files = new Map();
  const held = new Map();
  globalThis.postilSearch = (key, value) => held.set(key, value);
  // For the tests.
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
  /** The places of a file in order, each with the page it is on. */
  const placesIn = async number => {
    const stretches = await load(`places/${Math.floor(number / FOLDER)}/${number}`, 'u' + number);
    return stretches.flatMap(([href, title, first, count, units]) => units.map(unit => ({ unit, page: { href, title, first, count } })));
  };

  // Postings: as in src/search/numbers.rs, postings.rs and pairs.rs

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
  const behindNumber = code => code.replace(/^[b-~]*./u, '');
  const TEXT = -1;
  /** Of too many places those of a high rank are kept, and of every word the same. */
  const rank = place => Math.clz32(Math.imul(place, 0x9e3779b1));
  /** What is known of places: whether a list has one, or may have it though it does not say so. */
  const list = (places, level, count) => ({ places, level, count, may: place => places.has(place) || (level > 0 && rank(place) < level) });

  // Words looked up

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
    const others = fields.slice(0, -1).map(other => [...word].slice(0, numbers(other).next().value).join('') + behindNumber(other));
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
      places.set(place, { strong: (value & 2) > 0, sort: value & 1 ? read.next().value : TEXT });
    }
    return list(places, level, count);
  };
  const MOST_FORMS = 24;
  /** Words of the index that begin like `word`, the commonest first. */
  const beginning = async (word, test) => {
    const { starts } = await root();
    const first = shardOf(starts, word);
    const found = [];
    for (const number of [first, first + 1]) {
      if (number > first && !starts[number]?.startsWith(word)) break;
      for (const known of (await shard(number)).keys()) if (test(known)) found.push(known);
    }
    const entries = await Promise.all(found.slice(0, 200).map(entryOf));
    return entries.sort((a, b) => b.count - a.count).slice(0, MOST_FORMS);
  };
  const shared = (a, b) => {
    let same = 0;
    while (same < a.length && a[same] === b[same]) same += 1;
    return same;
  };
  /** The forms that stand for a word, each with its weight. */
  const formsOf = async (word, exact) => {
    const own = await entryOf(word);
    const forms = own ? [{ entry: own, weight: 1 }] : [];
    const add = (entries, weight) => forms.push(...entries.filter(entry => entry && entry.word !== word).map(entry => ({ entry, weight })));
    let near = false;
    if (UNSPACED.test(word)) {
      if ([...word].length === 1) add(await beginning(word, known => known.startsWith(word)), 1);
    } else if (exact) {
      // No other form is asked for.
    } else if (own) {
      add(await Promise.all(own.others.slice(0, MOST_FORMS).map(entryOf)), 0.8);
    } else if (word.length > 1) {
      add(await beginning(word, known => known.startsWith(word)), 0.7);
      if (!forms.length && word.length > 3) {
        const most = Math.max(4, word.length - 3);
        add(await beginning(word.slice(0, most), known => shared(known, word) >= most && Math.abs(known.length - word.length) < 4), 0.5);
        near = forms.length > 0;
      }
    }
    return { forms, near };
  };

  // Pairs of words that follow each other

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
  /** The places in which two words follow each other, and some others. */
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

  // What is asked for

  const QUOTED = /["“”„«»]([^"“”„«»]*)["“”„«»]?/g;
  /** Words and phrases; what is written without spaces and has several words is a phrase too. */
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
  const MOST_PAIRS = 4;
  /** So many pairs of a phrase as tell it from others, along the whole of it. */
  const pairsOf = phrase => {
    const all = phrase.slice(1).map((word, n) => [phrase[n], word]);
    if (all.length <= MOST_PAIRS) return all;
    return Array.from({ length: MOST_PAIRS }, (_, n) => all[Math.round(n * (all.length - 1) / (MOST_PAIRS - 1))]);
  };

  /** The places that may have a phrase. */
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
      places.set(place, { worth: item.rarity * sure, sort: undefined });
    }
    item.list = list(places, best.level, count);
    item.cut = item.list.level > 0;
    item.often = item.cut;
    item.near = false;
    return item;
  };
  /** The places that have a word in any of its forms. */
  const findWord = async (item, total) => {
    const { forms, near } = await formsOf(item.words[0], item.quoted);
    item.forms = [new Map(forms.map(({ entry, weight }) => [entry.word, weight]))];
    item.near = near;
    const count = Math.min(total, forms.reduce((sum, { entry }) => sum + entry.count, 0));
    item.rarity = rarityOf(count, total);
    const places = new Map();
    let level = 0;
    for (const { entry, weight } of forms) {
      level = Math.max(level, entry.list.level);
      for (const [place, { strong, sort }] of entry.list.places) {
        const worth = item.rarity * weight * (strong ? 1.6 : 1);
        if (!(places.get(place)?.worth >= worth)) places.set(place, { worth, sort });
      }
    }
    item.list = list(places, level, count);
    item.cut = level > 0;
    item.often = item.cut || count > total / 4;
    return item;
  };

  /** All places that may be meant, the best first. */
  const search = async asked => {
    const { places: total } = await root();
    const items = await Promise.all(parse(asked).map(item => item.words.length > 1 ? findPhrase(item, total) : findWord(item, total)));
    if (!items.length) return null;
    const rare = items.filter(item => !item.often || item.quoted);
    const needed = rare.length ? rare : items;
    const follow = await following(items);
    const found = new Map();
    const add = place => {
      if (found.has(place) || !needed.every(({ list }) => list.may(place))) return;
      const here = follow.filter(({ list }) => list.places.has(place));
      const more = here.reduce((sum, pair) => sum + pair.worth, 0);
      // All of them, one after the other, are what was asked for.
      let worth = follow.every(({ list }) => list.may(place)) ? more * 2 : more;
      let sort;
      for (const item of items) {
        const known = item.list.places.get(place);
        sort ??= known?.sort;
        if (known) worth += known.worth;
        else if (here.some(({ one, other }) => one === item || other === item)) worth += item.rarity;
        // What is not known may be.
        else if (item.list.may(place)) worth += item.rarity * Math.min(1, item.list.count / total);
      }
      found.set(place, { worth, sort });
    };
    const [best] = needed.toSorted((a, b) => a.list.level - b.list.level || a.list.places.size - b.list.places.size);
    for (const place of best.list.places.keys()) add(place);
    for (const { list } of follow) for (const place of list.places.keys()) add(place);
    let some = false;
    if (!found.size && items.length > 1) {
      for (const { list } of items) for (const [place, { worth, sort }] of list.places) found.set(place, { worth: worth + (found.get(place)?.worth ?? 0), sort });
      some = found.size > 0;
    }
    const candidates = [...found].map(([place, { worth, sort }]) => ({ place, worth, sort }));
    candidates.sort((a, b) => b.worth - a.worth || a.place - b.place);
    return { items, needed, some, candidates };
  };
  /** Pairs of words that follow each other without quotation marks: the rarest, and what they add. */
  const following = async items => {
    const pairs = items.slice(1).map((item, n) => ({ one: items[n], other: item }))
      .filter(({ one, other }) => !one.tail && one.list.count && other.list.count);
    pairs.sort((a, b) => a.one.list.count * a.other.list.count - b.one.list.count * b.other.list.count);
    return Promise.all(pairs.slice(0, MOST_PAIRS).map(async ({ one, other }) => ({
      one,
      other,
      list: await pairOf(one.words.at(-1), other.words[0]),
      worth: one.rarity + other.rarity + FOLLOW,
    })));
  };
  /** What it is worth that two words follow each other, however common they are. */
  const FOLLOW = 1;

  // A place, read and weighed

  const AVERAGE = 60;
  /** How well a unit fits, and where its words stand; nothing where a phrase is not there after all. */
  const weigh = (unit, { items, needed, some }) => {
    const [, body, sort, title] = unit;
    // Passages and notes before prefaces, works and pages.
    const share = sort < 2 || sort > 4 ? 1 : 0.6;
    const fields = [words(title), words(body)];
    const length = fields[0].length + fields[1].length;
    const lit = [[], []];
    const all = [];
    let score = 0;
    for (const item of items) {
      let weight = 0;
      fields.forEach((field, f) => {
        const worth = f === 0 || sort === 1 ? 2 : 1;
        for (let at = 0; at + item.words.length <= field.length; at += 1) {
          let fit = 1;
          for (let n = 0; n < item.words.length && fit; n += 1) fit *= item.forms[n].get(field[at + n].word) ?? 0;
          if (!fit) continue;
          weight += fit * worth;
          lit[f].push([field[at].place[0], field[at + item.words.length - 1].place[1]]);
          all.push({ item, field: f, at, end: at + item.words.length });
        }
      });
      if (!weight && needed.includes(item) && !some) return null;
      score += item.rarity * (weight * 2.2) / (weight + 1.2 * (0.5 + 0.5 * length / AVERAGE));
    }
    if (!score) return null;
    // Words that follow each other as they were asked for.
    let follow = 0;
    for (let n = 1; n < items.length; n += 1) {
      const ends = new Set(all.filter(one => one.item === items[n - 1]).map(one => `${one.field} ${one.end}`));
      if (all.some(one => one.item === items[n] && ends.has(`${one.field} ${one.at}`))) follow += items[n - 1].rarity + items[n].rarity + FOLLOW;
    }
    // All of them, one after the other, are what was asked for.
    let ends = items.length > 1 ? all.filter(one => one.item === items[0]) : [];
    for (const item of items.slice(1)) ends = all.filter(one => one.item === item && ends.some(({ field, end }) => field === one.field && end === one.at));
    if (ends.length) follow *= 2;
    return { score: (score + follow) * share, lit };
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
    const sorts = [...form.elements.kind];
    const { verdict, text: texts, clear } = form.elements;
    const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');

    const FIRST = 10;
    // So many files are read for the first places, and so many to find any at all.
    const FILES = 8;
    const MOST_FILES = 12;
    let run = 0;
    let state = null;

    const chosen = () => ({ q: input.value.trim(), kind: sorts.find(radio => radio.checked)?.value ?? '', verdict: verdict.value, text: texts.value });
    const write = () => {
      const query = new URLSearchParams(Object.entries(chosen()).filter(([, value]) => value));
      const address = query.size ? '?' + query : location.pathname;
      try { history.replaceState(history.state, '', address); } catch { location.hash = query.size ? '?' + query : ''; }
      clear.hidden = !(chosen().kind || verdict.value || texts.value);
    };

    /** The name of what a place is: `text`, or a class of the index. */
    const nameOf = (sort, classes) => sort < 0 ? 'text' : classes[sort] ?? '';
    const isPlain = kind => ['text', 'preface', 'work', 'page'].includes(kind);
    const isOfKind = (name, kind) => !kind || name === kind || name.startsWith(kind + ' ');

    const show = async asked => {
      const mine = run += 1;
      const stale = () => mine !== run;
      if (!asked) return clean();
      try {
        const found = await search(asked);
        if (stale()) return;
        if (!found) return clean();
        const { classes, per_file: perFile } = await root();
        state = { ...found, classes, perFile, texts: new Map(), next: 0, results: [], stale };
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

    /** Keeps what was found to the kind, verdict and text chosen, reads the first places and shows them. */
    const restrict = async () => {
      const mine = state;
      const { kind, verdict: wanted, text } = chosen();
      const range = text ? await rangeOf(text) : null;
      if (state !== mine || mine.stale()) return;
      mine.fits = isIn => ({ place, sort }) => (sort === undefined || isOfKind(nameOf(sort, mine.classes), wanted || kind)) && (!isIn || isIn(place));
      mine.isIn = range && (place => place >= range[0] && place <= range[1]);
      mine.queue = mine.candidates.filter(mine.fits(mine.isIn));
      mine.next = 0;
      mine.results = [];
      mine.shown = FIRST;
      list.replaceChildren();
      html.classList.add('asked');
      await advance();
    };
    /** The first and the last place of a text. */
    const rangeOf = async path => {
      const ends = [...(await entryOf('/' + path))?.list.places.keys() ?? []];
      return ends.length ? [ends[0], ends.at(-1)] : [0, -1];
    };
    /** Reads places until there are enough to show, or many files were read. */
    const advance = async () => {
      const mine = state;
      const opened = new Set();
      while (mine.next < mine.queue.length && opened.size < (mine.results.length ? FILES : MOST_FILES)) {
        // As many files at a time as there are places to show.
        const batch = [];
        const fresh = new Set();
        while (mine.next < mine.queue.length && fresh.size < 4) {
          const candidate = mine.queue[mine.next];
          const file = Math.floor(candidate.place / mine.perFile);
          if (!opened.has(file)) fresh.add(file);
          batch.push({ candidate, file });
          mine.next += 1;
        }
        for (const file of fresh) opened.add(file);
        const read = await Promise.all(batch.map(({ file }) => placesIn(file)));
        if (state !== mine || mine.stale()) return;
        batch.forEach(({ candidate, file }, n) => {
          for (const { unit, page } of read[n]) if (page.href && nameOf(unit[2] - 2, mine.classes) !== 'page') mine.texts.set(page.first, { ...page, path: page.href.replace(/\/?index\.html$/, '') });
          const { unit, page } = read[n][candidate.place - file * mine.perFile] ?? {};
          const weighed = unit && weigh(unit, mine);
          if (unit) candidate.sort = unit[2] - 2 < 0 ? TEXT : unit[2] - 2;
          candidate.gone = !weighed;
          if (weighed && mine.fits(null)(candidate)) mine.results.push({ ...candidate, ...weighed, unit, page });
        });
        if (mine.results.length >= 2 * mine.shown) break;
      }
      const drawn = list.children.length;
      const fixed = mine.results.slice(0, drawn);
      const rest = mine.results.slice(drawn).sort((a, b) => b.score - a.score || a.place - b.place);
      mine.results = [...fixed, ...rest];
      draw(drawn);
    };

    const draw = from => {
      const { results, items, queue, next, shown, some } = state;
      list.append(...results.slice(from, shown).map(result));
      const done = next >= queue.length;
      // A phrase is only known where it was read.
      const phrases = items.some(item => item.words.length > 1);
      const count = done || phrases ? results.length : queue.length;
      const { one, many, about, none, near, common } = status.dataset;
      const said = [!results.length && done ? none : some ? status.dataset.some
        : !done && (phrases || items.some(item => item.cut)) ? fill(about, { count }) : count === 1 ? one : fill(many, { count })];
      const odd = items.find(item => item.near);
      if (odd && results.length) said.push(fill(near, { word: odd.written }));
      const often = items.every(item => item.cut) && items[0];
      if (often) said.push(fill(common, { word: often.written }));
      status.textContent = said.join(' ');
      more.hidden = done && results.length <= list.children.length;
      count_();
    };
    more.firstElementChild.addEventListener('click', async () => {
      const at = list.children.length;
      state.shown += FIRST;
      await advance();
      list.children[at]?.querySelector('a').focus();
    });

    /** How many places there are of each kind, verdict and text, as far as the other choices let them through. */
    const count_ = () => {
      const { candidates, classes, texts: known, isIn } = state;
      const { kind, verdict: wanted, text } = chosen();
      const counts = new Map();
      const add = key => counts.set(key, (counts.get(key) ?? 0) + 1);
      const ranges = [...known.values()].filter(page => page.title);
      const places = new Uint32Array(ranges.length);
      for (const { place, sort, gone } of candidates) {
        // What was read and found wanting does not count.
        if (gone) continue;
        const name = nameOf(sort, classes);
        if (!isIn || isIn(place)) {
          add('kind ');
          add('kind ' + name.split(' ')[0]);
          add('verdict ' + name);
        }
        if (sort !== undefined && !isOfKind(name, wanted || kind)) continue;
        const at = ranges.findIndex(({ first, count }) => place >= first && place < first + count);
        if (at >= 0) places[at] += 1;
      }
      for (const radio of sorts) {
        const count = counts.get('kind ' + radio.value) ?? 0;
        radio.closest('label').querySelector('.count').textContent = count;
        radio.closest('label').hidden = !count && !radio.checked;
      }
      form.querySelector('.sorts').hidden = sorts.filter(radio => !radio.closest('label').hidden).length < 2;
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
      // Where there is nothing to choose, nothing is offered.
      verdict.closest('label').hidden = !verdict.querySelector('option[data-label]:not([hidden])');
      texts.closest('label').hidden = !some.length && !text;
      write();
      form.querySelector('.choices').hidden = [verdict.closest('label'), texts.closest('label'), clear].every(part => part.hidden);
    };

    const result = ({ unit, page, lit, sort }) => {
      const item = template.cloneNode(true);
      const [fragment, body, , title] = unit;
      const name = nameOf(sort, state.classes);
      const [kind, finding] = name.split(' ');
      const link = item.querySelector('a');
      const work = name === 'work';
      link.href = main.dataset.root + (work ? fragment : page.href + (fragment && '#' + encodeURIComponent(fragment)));
      const label = sorts.find(radio => radio.value === kind)?.nextElementSibling.dataset.label ?? '';
      const isNote = !isPlain(kind);
      const head = link.querySelector('.kind');
      if (isNote) {
        item.dataset.kind = kind;
        const option = finding && [...verdict.options].find(option => option.value === name);
        head.append(label);
        if (option) {
          const em = document.createElement('em');
          em.textContent = option.dataset.label;
          head.append(': ', em);
        }
      } else {
        head.textContent = label;
        head.classList.add('plain');
      }
      const heading = link.querySelector('.title');
      const snippet = item.querySelector('.words');
      if (isNote || work) light(heading, title, lit[0]);
      else if (fragment || kind === 'preface' || kind === 'page') heading.textContent = page.title;
      else light(heading, body, lit[1]);
      item.classList.toggle('work', work);
      if (work) light(snippet, body, lit[1]);
      else if (fragment || kind === 'preface' || kind === 'page') excerpt(snippet, body, lit[1]);
      else snippet.remove();
      const where = item.querySelector('.where');
      const paragraph = /^p-(\d+)$/.exec(fragment);
      where.textContent = isNote ? page.title : paragraph ? `¶ ${paragraph[1]}` : '';
      if (!where.textContent) where.remove();
      return item;
    };
    /** Words with the hits marked; white space is folded. */
    const light = (element, text, lit, from = 0, to = text.length) => {
      let at = from;
      const add = (end, parent) => {
        // Where a citation was taken out, its space goes with it.
        const words = text.slice(at, end).replace(/\s+/g, ' ').replace(/ (?=[.,;)])/g, '');
        if (words) parent.append(words);
        at = end;
      };
      for (const [start, end] of lit.toSorted((a, b) => a[0] - b[0])) {
        if (end <= at || start < from || end > to) continue;
        add(Math.max(start, at), element);
        const mark = element.lastChild?.nodeName === 'MARK' && start <= at ? element.lastChild : document.createElement('mark');
        add(end, mark);
        element.append(mark);
      }
      add(to, element);
    };
    const AROUND = 260;
    /** The part of a text with the most different hits. */
    const excerpt = (element, text, lit) => {
      let [from, best] = [0, -1];
      for (const [start] of lit) {
        const inside = new Set(lit.filter(([s, e]) => s >= start && e <= start + AROUND - 60).map(([s, e]) => fold(text.slice(s, e))));
        if (inside.size > best) [from, best] = [start, inside.size];
      }
      const back = text.lastIndexOf(' ', Math.max(0, from - 60));
      from = from < 90 ? 0 : back > from - 120 ? back + 1 : Math.max(0, from - 30);
      let to = Math.min(text.length, from + AROUND);
      if (to < text.length) to = Math.max(text.lastIndexOf(' ', to), to - 40);
      if (from) element.append('… ');
      light(element, text, lit, from, to);
      if (to < text.length) element.append(' …');
    };

    // Asking

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
      // A verdict belongs to a kind.
      if (event.target.name === 'kind') verdict.value = '';
      if (event.target === verdict && verdict.value) for (const radio of sorts) radio.checked = radio.value === verdict.value.split(' ')[0];
      write();
      restrict();
    });
    clear.addEventListener('click', () => {
      sorts[0].checked = true;
      verdict.value = texts.value = '';
      write();
      if (state) restrict();
      input.focus();
    });

    // Keys

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
      let off = false;
      try { off = localStorage.getItem('postil keys') === 'off'; } catch { /* private browsing */ }
      if (off) return;
      e.preventDefault();
      input.select();
    });

    // The address

    const restore = () => {
      const query = read();
      input.value = query.get('q') ?? '';
      for (const radio of sorts) radio.checked = radio.value === (query.get('kind') ?? '');
      if (!sorts.some(radio => radio.checked)) sorts[0].checked = true;
      verdict.value = query.get('verdict') ?? '';
      if (verdict.selectedIndex < 0) verdict.value = '';
      const text = query.get('text');
      if (text) {
        texts.append(new Option(text, text));
        texts.value = text;
      }
      return show(input.value.trim());
    };
    if (!read().has('q')) input.focus();
    restore();
    addEventListener('popstate', restore);
  });
})();
