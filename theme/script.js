// Comforts for a reader page: lenses, keys, links to copy, passages and notes that light up together.
// Without it every word and every note can be read and reached.
(() => {
  'use strict';
  const root = document.documentElement;
  root.classList.add('js');

  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
  // A link that is shared or cited leads to the whole page, without the lenses of whoever copied it.
  const clean = () => location.href.split(/[?#]/)[0];
  const store = {
    get: key => { try { return localStorage.getItem('postil ' + key); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem('postil ' + key, value); } catch { /* private browsing */ } },
  };

  document.addEventListener('DOMContentLoaded', () => {
    const source = document.getElementById('source');
    const told = document.querySelector('.told');
    const notes = all('[data-note]').map(body => ({
      id: body.id.slice(5), body, box: body.parentElement, kind: body.dataset.kind, layer: body.dataset.layer,
      verdict: `${body.dataset.kind} ${body.dataset.verdict}`, tags: (body.dataset.tags || '').split(' '),
      marks: [], refs: [], places: [], off: false,
    }));
    const byId = new Map(notes.map(note => [note.id, note]));
    const byBox = new Map(notes.map(note => [note.box, note]));
    const marks = all('mark[data-notes]', source).map(mark => {
      const over = mark.dataset.notes.split(' ').map(id => byId.get(id)).filter(Boolean);
      for (const note of over) note.marks.push(mark);
      return { mark, over };
    });
    const target = link => decodeURIComponent(link.getAttribute('href').slice(1));
    const noteOf = link => target(link).replace(/^(note|passage)-/, '').replace(/\.\d+$/, '');
    for (const link of all('.note-ref')) byId.get(target(link).slice(5))?.refs.push(link);
    for (const link of all('.lane a')) byId.get(noteOf(link))?.places.push(link);

    const blocks = all('[id^="p-"]', source);
    const blockInView = () => blocks.find(block => block.getBoundingClientRect().bottom > 80);
    const narrow = matchMedia('(max-width: 47.99rem)');

    // Lighting up

    let lit = [];
    const light = found => {
      for (const element of lit) element.classList.remove('lit');
      lit = found.flatMap(note => [note.box, ...note.marks]);
      for (const element of lit) element.classList.add('lit');
    };
    const notesAt = element => {
      const at = element.closest?.('mark[data-notes], .note-ref, .lane a, .note');
      if (!at) return [];
      const ids = at.matches('mark') ? at.dataset.notes.split(' ')
        : [at.matches('a') ? noteOf(at) : byBox.get(at)?.id];
      return ids.map(id => byId.get(id)).filter(note => note && !note.off);
    };
    for (const event of ['mouseover', 'focusin']) document.addEventListener(event, e => light(notesAt(e.target)));

    // Getting about

    const reveal = (element, below = 0) => {
      const { top, bottom } = element.getBoundingClientRect();
      const end = innerHeight - below - 24;
      if (top < 24) scrollBy(0, top - innerHeight / 8);
      else if (top > 1.5 * innerHeight) scrollBy(0, top - innerHeight / 3);
      else if (bottom > end) scrollBy(0, Math.min(bottom - end, top - 24));
    };
    // Goes to a place without moving what is in view already.
    const go = id => {
      const place = document.getElementById(id);
      if (!place) return;
      const y = scrollY;
      location.hash = id;
      scrollTo(scrollX, y);
      uncover(id);
      const note = byId.get(id.slice(5));
      if (place !== note?.body) return reveal(place);
      show(note);
    };
    let last = null;
    const show = note => {
      last = note;
      note.box.open = true;
      equip(note);
      const sheet = narrow.matches;
      if (note.marks[0] && root.dataset.view !== 'notes') reveal(note.marks[0], sheet ? innerHeight * 0.55 : 0);
      if (!sheet) reveal(note.box);
    };
    const linked = () => byId.get(decodeURIComponent(location.hash.slice(6)));
    // A browser goes to what is linked when all is there.
    if (linked()) addEventListener('load', () => requestAnimationFrame(() => linked() && show(linked())));
    let allOpen = false;
    const isCurrent = note => note.box.open && (!allOpen || note === linked());
    const current = () => notes.findIndex(isCurrent);
    const step = by => {
      let at = current();
      const isInView = note => {
        const { top, bottom } = note.marks[0].getBoundingClientRect();
        return bottom > 0 && top < innerHeight;
      };
      if (at < 0 && last?.marks.length && isInView(last)) {
        at = notes.indexOf(last);
      } else if (at < 0) {
        at = notes.findIndex(note => (note.marks[0] ?? note.box).getBoundingClientRect().top > 0);
        if (by > 0) at -= 1;
      }
      do at += by; while (notes[at]?.off);
      if (!notes[at]) return;
      go('note-' + notes[at].id);
      notes[at].box.querySelector('summary').focus({ preventScroll: true });
    };
    document.addEventListener('click', e => {
      const link = e.target.closest('a[href^="#"]');
      if (link && !e.ctrlKey && !e.metaKey && !e.shiftKey) {
        const id = target(link);
        if (!/^(note|passage)-/.test(id)) return uncover(id);
        e.preventDefault();
        return go(id);
      }
      const { left, right } = e.target.getBoundingClientRect();
      if (e.target.matches('#source [id^="p-"]') && (e.clientX < left || e.clientX > right)) return copyParagraph(e.target);
      const mark = e.target.closest('mark[data-notes]');
      if (!mark || e.target.closest('a') || !getSelection().isCollapsed || root.dataset.view === 'text') return;
      const over = notesAt(mark);
      const next = over[(over.findIndex(isCurrent) + 1) % over.length];
      if (next) go('note-' + next.id);
    });

    // Links to copy

    const tell = (words, seconds = 3) => {
      told.replaceChildren(words);
      setTimeout(() => told.replaceChildren(), seconds * 1000);
    };
    const copy = async text => {
      try {
        await navigator.clipboard.writeText(text);
        tell(told.dataset.copied);
      } catch {
        prompt(told.dataset.failed, text);
      }
    };
    const copyParagraph = block => copy(`${clean()}#${block.id}`);
    const encode = words => encodeURIComponent(words).replace(/-/g, '%2D');
    const fragment = note => {
      const words = note.body.querySelector('.quoted a').textContent;
      const list = words.split(/\s+/);
      const exact = list.length > 12 ? `${encode(list.slice(0, 5).join(' '))},${encode(list.slice(-5).join(' '))}` : encode(words);
      const before = document.createRange();
      before.setStart(source, 0);
      before.setEndBefore(note.marks[0]);
      // A phrase that the text repeats is told apart by the words before it.
      const repeated = source.textContent.split(words).length > 2;
      const prefix = repeated ? before.toString().trim().split(/\s+/).slice(-3).join(' ') : '';
      return `#passage-${note.id}:~:text=${prefix && encode(prefix) + '-,'}${exact}`;
    };
    const equip = note => {
      if (note.tools || root.dataset.view === 'notes') return;
      note.tools = document.getElementById('tools').content.firstElementChild.cloneNode(true);
      if (!note.marks.length) note.tools.querySelector('[name="passage"]').remove();
      note.body.append(note.tools);
    };
    document.addEventListener('toggle', e => {
      const note = byBox.get(e.target);
      if (note?.box.open) equip(note);
    }, true);
    const actions = {
      previous: () => step(-1),
      next: () => step(1),
      note: note => copy(`${clean()}#note-${note.id}`),
      passage: note => copy(clean() + fragment(note)),
      citation: (note, button) => copy(fill(button.dataset.words, {
        title: note.body.querySelector('h3').textContent, number: note.body.dataset.number,
        text: document.querySelector('h1').textContent, edition: document.querySelector('main').dataset.edition,
        url: `${document.querySelector('link[rel="canonical"]')?.href ?? clean()}#note-${note.id}`,
      })),
    };
    document.addEventListener('click', e => {
      const button = e.target.closest('.tools button');
      if (button) actions[button.name](byBox.get(button.closest('.note')), button);
    });

    // Lenses

    const form = document.querySelector('form.lenses');
    const kinds = form ? all('[name="kind"]', form) : [];
    const selects = form ? all('select', form) : [];
    // Notes that come or go lay out rows and paragraphs again. Where there are thousands, those near what is in
    // view are first and the others follow a few at a time, so that nobody has to wait.
    const AT_ONCE = 150;
    let following = 0;
    const showNotes = () => {
      clearTimeout(following);
      const changed = notes.filter(note => note.box.classList.contains('off') !== note.off);
      if (changed.length > AT_ONCE) {
        const distance = new Map(changed.map(note => [note, Math.abs((note.refs[0] ?? note.box).parentElement.getBoundingClientRect().top)]));
        changed.sort((a, b) => distance.get(a) - distance.get(b));
      }
      const some = () => {
        for (const note of changed.splice(0, AT_ONCE)) for (const element of [note.box, ...note.refs, ...note.places]) element.classList.toggle('off', note.off);
        if (changed.length) following = setTimeout(some);
      };
      some();
    };
    // Each view begins where the reader stood in the last.
    let stood = null;
    const leave = () => {
      const block = root.dataset.view !== 'notes' && blockInView();
      if (block) stood = { block, top: block.getBoundingClientRect().top };
    };
    const arrive = () => {
      if (!stood || stood.top > innerHeight) return;
      if (root.dataset.view !== 'notes') return scrollBy(0, stood.block.getBoundingClientRect().top - stood.top);
      const next = notes.find(note => !note.off && note.marks.length && !(note.marks[0].compareDocumentPosition(stood.block) & Node.DOCUMENT_POSITION_FOLLOWING));
      if (next && scrollY > innerHeight) next.box.scrollIntoView();
    };
    // The order in which blocks and groups of open notes follow each other where the window is narrow. Rules for each
    // would be tried on every element of a long page.
    const number = () => {
      [...source.children].forEach((block, at) => block.style.setProperty('--order', 2 * at + 1));
      for (const group of all('#notes .group[id^="group-"]')) group.style.setProperty('--order', 2 * group.id.slice(6));
    };
    const canOpen = form && [...form.elements.view.options].some(option => option.value === 'open');
    const apply = () => {
      const chosen = Object.fromEntries(selects.map(select => [select.name, select.value]));
      const changes = 'view' in root.dataset && root.dataset.view !== chosen.view;
      if (changes) leave();
      const shownKinds = kinds.filter(box => box.checked).map(box => box.value);
      for (const note of notes) {
        note.off = !shownKinds.includes(note.kind) || (chosen.verdict && chosen.verdict !== note.verdict)
          || (chosen.tag && !note.tags.includes(chosen.tag)) || (chosen.layer && chosen.layer !== note.layer) || false;
      }
      showNotes();
      for (const { mark, over } of marks) {
        const shown = [...new Set(over.filter(note => !note.off).map(note => note.kind))].join(' ');
        if (mark.dataset.kinds !== shown) mark.dataset.kinds = shown;
      }
      if (chosen.view === 'open') number();
      // All are open at once where the page offers it; closing thousands would take browsers seconds.
      const open = chosen.view === 'open' || (chosen.view === 'notes' && canOpen);
      if (open !== allOpen) {
        allOpen = open;
        for (const { box } of notes) {
          box.open = false;
          box.name = open ? '' : 'note';
          box.open = open;
        }
      }
      root.dataset.view = chosen.view;
      if (changes) arrive();
      const shown = chosen.view === 'text' ? 0 : notes.filter(note => !note.off).length;
      form.querySelector('output').textContent = fill(form.querySelector('output').dataset.words, { shown, all: notes.length });
      const query = new URLSearchParams();
      for (const [name, value] of Object.entries(chosen)) if (value) query.set(name, value);
      if (shownKinds.length < kinds.length) query.set('kind', shownKinds.join(' '));
      form.querySelector('[type="reset"]').hidden = !query.size;
      const url = location.pathname + (query.size ? '?' + query : '') + location.hash;
      try { history.replaceState(history.state, '', url); } catch { /* some browsers refuse it for files */ }
    };
    // What a link leads to is shown, whatever the lenses say.
    const uncover = id => {
      const note = id.startsWith('note-') && byId.get(id.slice(5));
      const view = form?.elements.view;
      if (note?.off) {
        form.reset();
      } else if (view && ((note && view.value === 'text') || (view.value === 'notes' && source.contains(document.getElementById(id))))) {
        view.value = '';
      } else {
        return;
      }
      apply();
    };
    const here = () => decodeURIComponent(location.hash.slice(1));
    addEventListener('hashchange', () => uncover(here()));
    // Where the window is wide, styles show what is folded; older browsers need it open, and screen readers are told.
    for (const folds of narrow.matches ? [] : all('.folds')) {
      folds.open = true;
      folds.querySelector('summary').tabIndex = -1;
    }
    if (form) {
      form.querySelector('.choices').open ||= /[?&](verdict|tag|layer|view)=/.test(location.search);
      for (const [name, values] of [['tag', notes.flatMap(note => note.tags)], ['layer', notes.map(note => note.layer)]]) {
        const select = form.elements[name];
        const known = [...new Set(values)].filter(Boolean).sort();
        if (select) select.append(...known.map(value => new Option(value)));
      }
      for (const select of selects) select.parentElement.hidden = select.options.length < 3;
      const query = new URLSearchParams(location.search);
      for (const select of selects) {
        const value = query.get(select.name);
        if ([...select.options].some(option => option.value === value)) select.value = value;
      }
      if (query.has('kind')) for (const box of kinds) box.checked = query.get('kind').split(' ').includes(box.value);
      form.addEventListener('change', () => {
        apply();
        // A link to what the lenses hide would open them again.
        if (linked()?.off) {
          try { history.replaceState(history.state, '', location.pathname + location.search); } catch { /* as above */ }
        }
      });
      form.addEventListener('reset', () => setTimeout(apply));
      apply();
      uncover(here());
    }

    // Keys

    const help = document.getElementById('keys');
    const use = help.querySelector('[name="use"]');
    use.checked = store.get('keys') !== 'off';
    use.addEventListener('change', () => store.set('keys', use.checked ? 'on' : 'off'));
    if (form) form.elements.help.addEventListener('click', () => help.showModal());
    const keys = {
      j: () => step(1),
      k: () => step(-1),
      v: () => {
        const view = form?.elements.view;
        if (!view) return;
        view.selectedIndex = (view.selectedIndex + 1) % view.length;
        apply();
      },
      p: () => blockInView() && copyParagraph(blockInView()),
      '/': () => document.querySelector('a.find')?.click(),
      '?': () => help.showModal(),
      Escape: () => {
        const note = notes[current()];
        if (!note) return;
        note.box.open = false;
        note.refs[0]?.focus({ preventScroll: true });
      },
    };
    document.addEventListener('keydown', e => {
      if (e.ctrlKey || e.metaKey || e.altKey || help.open || e.target.matches('input:not([type="checkbox"]), textarea, select')) return;
      if (!keys[e.key] || !(use.checked || e.key === 'Escape')) return;
      // Some browsers search the page with this key.
      if (e.key === '/') e.preventDefault();
      keys[e.key]();
    });

    // The reader's place

    const place = 'place ' + source.dataset.source;
    const left = document.getElementById(store.get(place));
    if (left && !location.hash && scrollY < 100 && root.dataset.view !== 'notes') {
      const link = document.createElement('a');
      link.href = '#' + left.id;
      link.textContent = fill(told.dataset.resume, { number: left.id.slice(2) });
      tell(link, 12);
      // Whoever goes on does without it.
      const leave = () => told.contains(link) && told.replaceChildren();
      for (const event of ['wheel', 'touchmove', 'keydown', 'change']) addEventListener(event, leave, { once: true, passive: true });
    }
    addEventListener('pagehide', () => {
      const block = blockInView();
      if (block && blocks.indexOf(block) > 1 && scrollY > innerHeight) store.set(place, block.id);
    });
  });
})();
