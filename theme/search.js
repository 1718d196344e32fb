// The search page: finds places in the index, which stands in script files so that it needs no server.
// It loads a file for each word asked for and those of the texts it shows; docs/search.md describes them.
(() => {
  'use strict';

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
  globalThis.postilSearch = (key, value) => held.set(String(key), value);
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
    value.starts ??= value.shards.split(' ');
    return value;
  };
  const unitsAt = (text, file) => load(`texts/${text}-${file}`, `${text}-${file}`);

  // Postings: as in src/search/postings.rs

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
  // A place in all texts: 2^20 units to a text.
  const UNIT = 1 << 20;
  const TEXT = -1;
  const places = code => {
    const read = numbers(code);
    const next = () => read.next().value;
    const found = new Map();
    let text = -1;
    for (let step = next(); step !== undefined; step = next()) {
      text += step + 1;
      let unit = 0;
      let value;
      do {
        value = next();
        unit += value >> 3;
        found.set(text * UNIT + unit, { strong: (value & 4) > 0, sort: value & 2 ? next() : TEXT });
      } while (value & 1);
    }
    return found;
  };

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
    const text = await load(`words/${number}`, String(number));
    const key = `entries ${number}`;
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
    const entry = (await shard(shardOf(starts, word))).get(word);
    if (!entry) return null;
    const code = entry.at(-1);
    const count = numbers(code).next().value;
    const others = entry.slice(0, -1).map(other => {
      const same = numbers(other).next().value;
      return [...word].slice(0, same).join('') + behindNumber(other);
    });
    return { word, count, others, get places() { return this.read ??= places(behindNumber(code)); } };
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
    const forms = own ? [{ ...pick(own), weight: 1 }] : [];
    const add = (entries, weight) => forms.push(...entries.filter(entry => entry && entry.word !== word).map(entry => ({ ...pick(entry), weight })));
    let near = false;
    if (UNSPACED.test(word) && [...word].length === 1) {
      add(await beginning(word, known => known.startsWith(word)), 1);
    } else if (!exact) {
      if (own) add(await Promise.all(own.others.slice(0, MOST_FORMS).map(entryOf)), 0.8);
      else if (word.length > 1 && !UNSPACED.test(word)) {
        add(await beginning(word, known => known.startsWith(word)), 0.7);
        if (!forms.length && word.length > 3) {
          const most = Math.max(4, word.length - 3);
          add(await beginning(word.slice(0, most), known => shared(known, word) >= most && Math.abs(known.length - word.length) < 4), 0.5);
          near = forms.length > 0;
        }
      }
    }
    return { forms, near };
  };
  const pick = entry => ({ word: entry.word, count: entry.count, entry });

  // What is asked for

  const QUOTED = /["“”„«»]([^"“”„«»]*)["“”„«»]?/g;
  /** Words and phrases; what is written without spaces and has several words is a phrase too. */
  const parse = asked => {
    const items = [];
    const add = (text, exact) => {
      const found = words(text).filter(({ tail }) => !tail).map(({ word }) => word);
      if (found.length) items.push({ words: found, exact: exact || found.length > 1, written: text.trim() });
    };
    const rest = asked.replace(QUOTED, (_, phrase) => { add(phrase, true); return ' '; });
    for (const word of rest.split(/\s+/)) add(word, false);
    return items.slice(0, 12);
  };

  /** The places that may have an item, with what they are worth. */
  const find = async (item, total) => {
    const known = await Promise.all(item.words.map(word => formsOf(word, item.exact)));
    const { common } = await root();
    item.forms = known.map(({ forms }) => new Map(forms.map(({ word, weight }) => [word, weight])));
    item.near = known.some(({ near }) => near);
    item.places = null;
    item.cut = false;
    item.often = true;
    item.rarity = 0;
    for (const { forms } of known) {
      const count = forms.reduce((sum, form) => sum + form.count, 0);
      const cut = forms.some(form => form.count > common);
      const rarity = Math.log(1 + (total - Math.min(count, total) + 0.5) / (count + 0.5));
      item.rarity += rarity;
      item.cut ||= cut;
      item.often &&= cut || count > total / 4;
      // A common word in a phrase is looked for where the others stand.
      if (cut && known.length > 1 && known.some(other => !other.forms.some(form => form.count > common))) continue;
      const here = new Map();
      for (const { entry, weight } of forms) {
        for (const [place, { strong, sort }] of entry.places) {
          const worth = rarity * weight * (strong ? 1.6 : 1);
          if (!(here.get(place)?.worth >= worth)) here.set(place, { worth, sort });
        }
      }
      item.places = item.places ? meet(item.places, here) : here;
    }
    item.places ??= new Map();
    return item;
  };
  const meet = (a, b) => {
    const both = new Map();
    for (const [place, one] of a) {
      const other = b.get(place);
      if (other) both.set(place, { worth: one.worth + other.worth, sort: one.sort });
    }
    return both;
  };
  const join = (a, b) => {
    const either = new Map(a);
    for (const [place, one] of b) either.set(place, { worth: one.worth + (a.get(place)?.worth ?? 0), sort: one.sort });
    return either;
  };

  /** All places that may be meant, the best first. */
  const search = async asked => {
    const { units } = await root();
    const items = await Promise.all(parse(asked).map(item => find(item, units)));
    if (!items.length) return null;
    const rare = items.filter(item => !item.often);
    const needed = rare.length ? rare : items;
    let all = needed.map(item => item.places).reduce(meet);
    let some = false;
    if (!all.size && items.length > 1) {
      all = items.map(item => item.places).reduce(join);
      some = all.size > 0;
    }
    for (const item of items) {
      if (needed.includes(item)) continue;
      for (const [place, one] of all) one.worth += item.places.get(place)?.worth ?? 0;
    }
    const candidates = [...all].map(([place, { worth, sort }]) => ({ place, worth, sort, text: Math.floor(place / UNIT) }));
    candidates.sort((a, b) => b.worth - a.worth || a.place - b.place);
    return { items, needed, some, candidates };
  };

  // A place, read and weighed

  const AVERAGE = 60;
  /** How well a unit fits, and where its words stand; nothing where a phrase is not there after all. */
  const weigh = (unit, { items, needed, some }) => {
    const [, body, sort, title] = unit;
    // Passages and notes before prefaces and works.
    const share = sort < 2 || sort > 3 ? 1 : 0.6;
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
          for (let n = 0; n < item.words.length; n += 1) lit[f].push(field[at + n].place);
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
      if (all.some(one => one.item === items[n] && ends.has(`${one.field} ${one.at}`))) follow += items[n - 1].rarity + items[n].rarity;
    }
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
    document.documentElement.classList.add('js');
    form.hidden = false;

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
    const read = () => new URLSearchParams(location.search || location.hash.slice(1));

    /** The name of what a place is: `text`, or a class of the index. */
    const nameOf = (sort, classes) => sort === TEXT ? 'text' : classes[sort] ?? '';
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
        state = { ...found, classes, perFile, pages: new Map(), next: 0, results: [], stale };
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
      main.classList.remove('asked');
    };

    /** Keeps what was found to the kind, verdict and text chosen, reads the first places and shows them. */
    const restrict = async () => {
      const mine = state;
      const { kind, verdict: wanted, text } = chosen();
      const only = text ? await numberOf(text) : null;
      if (state !== mine || mine.stale()) return;
      mine.queue = mine.candidates.filter(({ sort, text }) => {
        const name = nameOf(sort, mine.classes);
        return isOfKind(name, wanted || kind) && (only === null || text === only);
      });
      mine.only = only;
      mine.next = 0;
      mine.results = [];
      mine.shown = FIRST;
      list.replaceChildren();
      main.classList.add('asked');
      await advance();
    };
    const numberOf = async path => {
      for (const [number, page] of state.pages) if (page.path === path) return number;
      const place = (await entryOf('/' + path))?.places.keys().next().value;
      return place === undefined ? -1 : Math.floor(place / UNIT);
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
          const file = Math.floor(candidate.place % UNIT / mine.perFile);
          const key = `${candidate.text}-${file}`;
          if (!opened.has(key)) fresh.add(key);
          batch.push({ ...candidate, file });
          mine.next += 1;
        }
        for (const key of fresh) opened.add(key);
        const read = await Promise.all(batch.map(({ text, file }) => unitsAt(text, file)));
        if (state !== mine || mine.stale()) return;
        batch.forEach((candidate, n) => {
          const page = read[n];
          mine.pages.set(candidate.text, { path: page.href.replace(/\/index\.html$/, ''), title: page.title });
          const unit = page.units[candidate.place % UNIT % mine.perFile];
          const weighed = unit && weigh(unit, mine);
          if (weighed) mine.results.push({ ...candidate, ...weighed, unit, page });
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
      const { candidates, classes, pages, results, queue, next } = state;
      const { kind, verdict: wanted, text } = chosen();
      const { only } = state;
      // What was read and found wanting does not count.
      const fine = new Set(results.map(({ place }) => place));
      const gone = new Set(queue.slice(0, next).filter(({ place }) => !fine.has(place)).map(({ place }) => place));
      const counts = new Map();
      const add = key => counts.set(key, (counts.get(key) ?? 0) + 1);
      for (const { place, sort, text } of candidates) {
        if (gone.has(place)) continue;
        const name = nameOf(sort, classes);
        if (only === null || text === only) {
          add('kind ');
          add('kind ' + name.split(' ')[0]);
          add('verdict ' + name);
        }
        if (isOfKind(name, wanted || kind)) add('text ' + text);
      }
      for (const radio of sorts) {
        const count = counts.get('kind ' + radio.value) ?? 0;
        radio.closest('label').querySelector('.count').textContent = count;
        radio.closest('label').hidden = !count && !radio.checked;
      }
      form.querySelector('.sorts').hidden = false;
      for (const option of verdict.querySelectorAll('option[data-label]')) {
        const count = counts.get('verdict ' + option.value) ?? 0;
        option.textContent = `${option.dataset.label} (${count})`;
        option.hidden = option.disabled = !count && !option.selected;
      }
      for (const group of verdict.querySelectorAll('optgroup')) group.hidden = !group.querySelector('option:not([hidden])');
      const known = [...pages].filter(([number, page]) => page.title && (counts.has('text ' + number) || page.path === text));
      known.sort(([a], [b]) => (counts.get('text ' + b) ?? 0) - (counts.get('text ' + a) ?? 0) || a - b);
      const chosenTitle = texts.selectedOptions[0]?.dataset.label;
      texts.replaceChildren(texts.options[0], ...known.map(([number, page]) => {
        const option = new Option(`${page.title} (${counts.get('text ' + number) ?? 0})`, page.path);
        option.dataset.label = page.title;
        return option;
      }));
      if (text && ![...texts.options].some(option => option.value === text)) texts.append(new Option(chosenTitle ?? text, text));
      texts.value = text;
      form.querySelector('.choices').hidden = false;
      write();
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
      const isNote = !['text', 'preface', 'work'].includes(kind);
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
      else if (fragment || kind === 'preface') heading.textContent = page.title;
      else light(heading, body, lit[1]);
      item.classList.toggle('work', work);
      if (work) light(snippet, body, lit[1]);
      else if (fragment || kind === 'preface') excerpt(snippet, body, lit[1]);
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
