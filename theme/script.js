// Adds filters, keyboard shortcuts, links to copy and highlighting to a reader page.
// The page works without this script: every word and every note can be read and reached.
(() => {
  'use strict';
  const root = document.documentElement;
  root.classList.add('js');

  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
  // The address of this page without its query, so that copied links do not contain the current filters.
  const pageUrl = () => location.href.split(/[?#]/)[0];
  const store = {
    get: key => { try { return localStorage.getItem('postil ' + key); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem('postil ' + key, value); } catch { /* private browsing */ } },
  };

  document.addEventListener('DOMContentLoaded', () => {
    const source = document.getElementById('source');
    const statusLine = document.querySelector('.status');
    const notes = all('[data-note]').map(body => ({
      id: body.id.slice(5), body, details: body.parentElement, number: body.dataset.number, kind: body.dataset.kind,
      tone: body.dataset.tone ?? 'none', verdict: `${body.dataset.kind} ${body.dataset.verdict}`,
      layer: body.dataset.layer, tags: (body.dataset.tags || '').split(' '), marks: [], refs: [], mapLinks: [], off: false,
    }));
    const byId = new Map(notes.map(note => [note.id, note]));
    const byDetails = new Map(notes.map(note => [note.details, note]));
    const marks = all('mark[data-notes]', source).map(mark => {
      const markNotes = mark.dataset.notes.split(' ').map(id => byId.get(id)).filter(Boolean);
      for (const note of markNotes) note.marks.push(mark);
      return { mark, markNotes };
    });
    // A malformed address, such as #100%, has no target.
    const decode = text => { try { return decodeURIComponent(text); } catch { return text; } };
    const targetId = link => decode(link.getAttribute('href').slice(1));
    const noteIdOf = id => id.replace(/^(note|passage)-/, '').replace(/\.\d+$/, '');
    const hashId = () => decode(location.hash.slice(1));
    for (const link of all('.note-ref')) byId.get(noteIdOf(targetId(link)))?.refs.push(link);
    for (const link of all('.map a')) byId.get(noteIdOf(targetId(link)))?.mapLinks.push(link);

    const blocks = all('[id^="p-"]', source);
    const firstVisibleBlock = () => blocks.find(block => block.getBoundingClientRect().bottom > 80);
    const narrow = matchMedia('(max-width: 47.99rem)');

    // Highlight a passage and its notes together

    let highlighted = [];
    const highlight = found => {
      for (const element of highlighted) element.classList.remove('lit');
      highlighted = found.flatMap(note => [note.details, ...note.marks]);
      for (const element of highlighted) element.classList.add('lit');
    };
    const notesAt = element => {
      const at = element.closest?.('mark[data-notes], .note-ref, .map a, .note');
      if (!at) return [];
      const ids = at.matches('mark') ? at.dataset.notes.split(' ')
        : [at.matches('a') ? noteIdOf(targetId(at)) : byDetails.get(at)?.id];
      return ids.map(id => byId.get(id)).filter(note => note && !note.off);
    };
    for (const event of ['mouseover', 'focusin']) document.addEventListener(event, e => highlight(notesAt(e.target)));

    // Open notes. The text never moves: on wide screens the note lies over the margin, beside the passage it was opened
    // from; on narrow screens it is a sheet at the bottom of the window, or at the top if it would hide the passage.

    const EDGE = 12;
    let allOpen = false;
    let lastOpened = null;
    const isInView = element => {
      const { top, bottom } = element.getBoundingClientRect();
      return bottom > 0 && top < innerHeight;
    };
    // Scrolls only if the first line of the passage is not in the window.
    const scrollToPassage = element => {
      const { top, bottom } = element.getClientRects()[0] ?? element.getBoundingClientRect();
      if (top < 0 || bottom > innerHeight) scrollBy({ top: top - innerHeight / 3, behavior: 'instant' });
    };
    const scrollToNote = element => {
      const { top, bottom } = element.getBoundingClientRect();
      if (top < EDGE || bottom > innerHeight) scrollBy({ top: top - Math.max(EDGE, Math.min(innerHeight / 4, innerHeight - (bottom - top))), behavior: 'instant' });
    };
    // Moves an open note, which stands at its slot in the margin, beside `anchor`, but keeps it inside the window.
    const placeCard = (note, anchor) => {
      note.details.style.removeProperty('--moved');
      const card = note.body.getBoundingClientRect();
      const { top } = (anchor.getClientRects()[0] ?? anchor.getBoundingClientRect());
      const wanted = Math.max(EDGE, Math.min(top - EDGE, innerHeight - card.height - EDGE));
      note.details.style.setProperty('--moved', `${wanted - card.top}px`);
    };
    const placeSheet = (note, anchor) => {
      const { details } = note;
      details.classList.add('sheet');
      details.classList.remove('above');
      details.style.setProperty('--room', `${innerHeight * 0.6}px`);
      const { height } = details.getBoundingClientRect();
      const { top, bottom } = anchor.getBoundingClientRect();
      const [above, below] = [top - EDGE, innerHeight - bottom - EDGE];
      const atTop = below < Math.min(height, innerHeight * 0.3) && above > below;
      details.classList.toggle('above', atTop);
      const room = Math.max(atTop ? above : below, innerHeight * 0.25);
      details.style.setProperty('--room', `${Math.min(room, innerHeight * 0.6)}px`);
    };
    const showsCards = () => !['open', 'notes'].includes(root.dataset.view);
    const place = note => {
      if (!showsCards()) return;
      if (!narrow.matches) placeCard(note, note.anchor ?? note.details);
      else if (note.anchor) placeSheet(note, note.anchor);
    };
    const unplace = note => {
      note.anchor = null;
      note.details.classList.remove('sheet', 'above');
      for (const name of ['--moved', '--room']) note.details.style.removeProperty(name);
      if (!note.details.getAttribute('style')) note.details.removeAttribute('style');
    };
    // Opens a note at `chosen`, the mark or reference that the reader clicked; without one, at its first passage.
    const openNote = (note, chosen) => {
      const anchor = chosen ?? note.marks[0];
      lastOpened = note;
      if (!showsCards()) {
        note.details.open = true;
        addTools(note);
        return scrollToNote(note.details);
      }
      if (anchor && !chosen) scrollToPassage(anchor);
      note.anchor = anchor ?? null;
      note.details.open = true;
      addTools(note);
      if (!anchor) scrollToNote(note.details);
      place(note);
      const passage = anchor && all('[id]', source).findLast(element => noteIdOf(element.id) === note.id && element.id.startsWith('passage-')
        && (element === anchor || element.compareDocumentPosition(anchor) & Node.DOCUMENT_POSITION_FOLLOWING));
      for (const link of all('.also a', note.body)) {
        if (targetId(link) === passage?.id) link.setAttribute('aria-current', 'true');
        else link.removeAttribute('aria-current');
      }
    };
    document.addEventListener('toggle', e => {
      const note = byDetails.get(e.target);
      if (!note) return;
      for (const mark of note.marks) mark.classList.toggle('chosen', note.details.open && !allOpen);
      if (!note.details.open) return unplace(note);
      addTools(note);
      if (!note.anchor) place(note);
    }, true);
    const openedNote = () => notes.find(note => note.details.open && !allOpen);
    addEventListener('resize', () => openedNote() && place(openedNote()));
    const closeNote = note => {
      const back = note.anchor?.closest?.('.note-ref') ?? note.refs[0];
      note.details.open = false;
      unplace(note);
      if (note.details.contains(document.activeElement) || document.activeElement === document.body) back?.focus({ preventScroll: true });
    };

    // Navigation

    // Sets the fragment of the address, without scrolling and without a new entry in the history.
    const setHash = id => {
      try { return history.replaceState(history.state, '', '#' + encodeURIComponent(id)); } catch { /* some browsers refuse it for files */ }
      const y = scrollY;
      location.hash = id;
      scrollTo({ left: scrollX, top: y, behavior: 'instant' });
    };
    // Follows a link to `id` from the element `from`. Scrolls only if the target is out of view.
    const goTo = (id, from) => {
      const target = document.getElementById(id);
      if (!target) return;
      setHash(id);
      clearFiltersFor(id);
      const note = byId.get(noteIdOf(id));
      if (target === note?.body) return openNote(note, from);
      scrollToPassage(target);
      if (!note?.details.open || allOpen) return;
      if (note.details.classList.contains('sheet')) closeNote(note);
      else openNote(note, target);
    };
    const linkedNote = () => byId.get(noteIdOf(hashId()));
    const linkedPassage = () => (hashId().startsWith('passage-') ? document.getElementById(hashId()) : undefined);
    // Browsers scroll to the linked element after loading, so correct the position after that.
    if (linkedNote()) addEventListener('load', () => requestAnimationFrame(() => linkedNote() && openNote(linkedNote(), linkedPassage())));
    const isCurrent = note => note.details.open && (!allOpen || note === linkedNote());
    const currentIndex = () => notes.findIndex(isCurrent);
    const neighbour = (at, by) => {
      do at += by; while (notes[at]?.off);
      return notes[at];
    };
    const step = by => {
      let at = currentIndex();
      if (at < 0 && lastOpened?.marks.length && isInView(lastOpened.marks[0])) {
        at = notes.indexOf(lastOpened);
      } else if (at < 0) {
        at = notes.findIndex(note => (note.marks[0] ?? note.details).getBoundingClientRect().top > 0);
        if (by > 0) at -= 1;
      }
      const note = neighbour(at, by);
      if (!note) return;
      goTo('note-' + note.id);
      note.body.focus({ preventScroll: true });
    };
    document.addEventListener('click', e => {
      const link = e.target.closest('a[href^="#"]');
      if (link && !e.ctrlKey && !e.metaKey && !e.shiftKey) {
        const id = targetId(link);
        link.closest('.panel')?.removeAttribute('open');
        if (!/^(note|passage)-/.test(id)) return clearFiltersFor(id);
        e.preventDefault();
        goTo(id, source.contains(link) ? link : undefined);
        // Opened with the keyboard: continue reading in the note.
        if (e.detail === 0 && link.matches('.note-ref')) byId.get(noteIdOf(id))?.body.focus({ preventScroll: true });
        return;
      }
      for (const panel of all('.panel[open]')) if (!panel.contains(e.target)) panel.open = false;
      const { left, right } = e.target.getBoundingClientRect();
      if (e.target.matches('#source [id^="p-"]') && (e.clientX < left || e.clientX > right)) return copyParagraph(e.target);
      if (e.target.closest('a') || !source.contains(e.target) || !getSelection().isCollapsed || root.dataset.view === 'text') return;
      const mark = e.target.closest('mark[data-notes]');
      const markNotes = mark ? notesAt(mark) : [];
      const next = markNotes[(markNotes.findIndex(isCurrent) + 1) % markNotes.length];
      if (next && !(markNotes.length === 1 && isCurrent(next) && next.anchor === mark)) return goTo('note-' + next.id, mark);
      // A second click on the passage, or a click beside it, closes the note.
      if (openedNote()) closeNote(openedNote());
    });

    // Copy links and citations

    const showStatus = (words, seconds = 3) => {
      statusLine.replaceChildren(words);
      setTimeout(() => statusLine.replaceChildren(), seconds * 1000);
    };
    const copy = async text => {
      try {
        await navigator.clipboard.writeText(text);
        showStatus(statusLine.dataset.copied);
      } catch {
        prompt(statusLine.dataset.failed, text);
      }
    };
    const copyParagraph = block => copy(`${pageUrl()}#${block.id}`);
    const encode = words => encodeURIComponent(words).replace(/-/g, '%2D');
    const passageFragment = note => {
      const words = note.body.querySelector('.quoted a').textContent;
      const wordList = words.split(/\s+/);
      const exact = wordList.length > 12 ? `${encode(wordList.slice(0, 5).join(' '))},${encode(wordList.slice(-5).join(' '))}` : encode(words);
      const before = document.createRange();
      before.setStart(source, 0);
      before.setEndBefore(note.marks[0]);
      // If the phrase occurs several times, the words before it identify the right place.
      const repeated = source.textContent.split(words).length > 2;
      const prefix = repeated ? before.toString().trim().split(/\s+/).slice(-3).join(' ') : '';
      return `#passage-${note.id}:~:text=${prefix && encode(prefix) + '-,'}${exact}`;
    };
    const addTools = note => {
      if (root.dataset.view === 'notes') return;
      if (!note.tools) {
        note.tools = document.getElementById('tools').content.firstElementChild.cloneNode(true);
        if (!note.marks.length) note.tools.querySelector('[name="passage"]').remove();
        note.body.append(note.tools);
      }
      const [back, onward] = document.dir === 'rtl' ? ['→', '←'] : ['←', '→'];
      for (const [name, by, words] of [['previous', -1, `${back} {number}`], ['next', 1, `{number} ${onward}`]]) {
        const button = note.tools.querySelector(`[name="${name}"]`);
        const other = neighbour(notes.indexOf(note), by);
        button.disabled = !other;
        button.replaceChildren(fill(words, { number: other?.number }));
      }
    };
    const actions = {
      previous: () => step(-1),
      next: () => step(1),
      note: note => copy(`${pageUrl()}#note-${note.id}`),
      passage: note => copy(pageUrl() + passageFragment(note)),
      citation: (note, button) => copy(fill(button.dataset.words, {
        title: note.body.querySelector('h3').textContent, number: note.body.dataset.number,
        text: document.querySelector('h1').textContent, edition: document.querySelector('main').dataset.edition,
        url: `${document.querySelector('link[rel="canonical"]')?.href ?? pageUrl()}#note-${note.id}`,
      })),
    };
    document.addEventListener('click', e => {
      const button = e.target.closest('.tools button');
      if (button) actions[button.name](byDetails.get(button.closest('.note')), button);
    });

    // Filters and views

    const form = document.querySelector('form.lenses');
    const boxes = name => form ? all(`[name="${name}"]`, form) : [];
    const [toneBoxes, kindBoxes] = [boxes('tone'), boxes('kind')];
    const selects = form ? all('select', form) : [];
    // Nothing checked is the same as everything checked.
    const checked = list => list.filter(box => box.checked).map(box => box.value);
    // Showing or hiding notes makes the browser lay out the page again. With thousands of notes, update those near
    // the viewport first and the rest in batches, so that the page stays responsive.
    const BATCH = 150;
    let pendingBatch = 0;
    const updateNotes = () => {
      clearTimeout(pendingBatch);
      const changed = notes.filter(note => note.details.classList.contains('off') !== note.off);
      if (changed.length > BATCH) {
        const distance = new Map(changed.map(note => [note, Math.abs((note.refs[0] ?? note.details).parentElement.getBoundingClientRect().top)]));
        changed.sort((a, b) => distance.get(a) - distance.get(b));
      }
      const nextBatch = () => {
        for (const note of changed.splice(0, BATCH)) for (const element of [note.details, ...note.refs, ...note.mapLinks]) element.classList.toggle('off', note.off);
        if (changed.length) pendingBatch = setTimeout(nextBatch);
      };
      nextBatch();
    };
    // Keep the reading position when the view changes.
    let position = null;
    const savePosition = () => {
      const block = root.dataset.view !== 'notes' && firstVisibleBlock();
      if (block) position = { block, top: block.getBoundingClientRect().top };
    };
    const restorePosition = () => {
      if (!position || position.top > innerHeight) return;
      if (root.dataset.view !== 'notes') return scrollBy(0, position.block.getBoundingClientRect().top - position.top);
      const next = notes.find(note => !note.off && note.marks.length && !(note.marks[0].compareDocumentPosition(position.block) & Node.DOCUMENT_POSITION_FOLLOWING));
      if (next && scrollY > innerHeight) next.details.scrollIntoView();
    };
    // On narrow screens each group of open notes follows its block. Inline `--order` values do this; one CSS rule per
    // block would have to be matched against every element of a long page.
    const setOrder = () => {
      [...source.children].forEach((block, at) => block.style.setProperty('--order', 2 * at + 1));
      for (const group of all('#notes .group[id^="group-"]')) group.style.setProperty('--order', 2 * group.id.slice(6));
    };
    const viewBoxes = boxes('view');
    const offersOpenView = viewBoxes.some(box => box.value === 'open');
    const setView = view => { for (const box of viewBoxes) box.checked = box.value === view; };
    const applyFilters = () => {
      const view = checked(viewBoxes)[0] ?? '';
      const chosen = Object.fromEntries(selects.map(select => [select.name, select.value]));
      const [tones, kinds] = [checked(toneBoxes), checked(kindBoxes)];
      const viewChanges = 'view' in root.dataset && root.dataset.view !== view;
      if (viewChanges) savePosition();
      for (const note of notes) {
        note.off = (tones.length && !tones.includes(note.tone)) || (kinds.length && !kinds.includes(note.kind))
          || (chosen.verdict && chosen.verdict !== note.verdict)
          || (chosen.tag && !note.tags.includes(chosen.tag)) || (chosen.layer && chosen.layer !== note.layer) || false;
      }
      updateNotes();
      for (const { mark, markNotes } of marks) {
        const looks = [...new Set(markNotes.filter(note => !note.off).map(note => `${note.kind} ${note.tone === 'none' ? '-' : note.tone}`))];
        const shown = looks.map(look => look.split(' ')[0]).join(' ');
        const tones = looks.map(look => look.split(' ')[1]).join(' ');
        if (mark.dataset.kinds !== shown) mark.dataset.kinds = shown;
        if (mark.dataset.tones !== tones) mark.dataset.tones = tones;
      }
      if (view === 'open') setOrder();
      // Open all notes only if the page offers that view: closing thousands of them again takes seconds.
      const open = view === 'open' || (view === 'notes' && offersOpenView);
      if (viewChanges && openedNote()) unplace(openedNote());
      if (open !== allOpen) {
        allOpen = open;
        for (const { details } of notes) {
          details.open = false;
          details.name = open ? '' : 'note';
          details.open = open;
        }
      }
      root.dataset.view = view;
      if (viewChanges) restorePosition();
      const shown = view === 'text' ? 0 : notes.filter(note => !note.off).length;
      const output = form.querySelector('output');
      output.textContent = shown || view === 'text' ? fill(output.dataset.words, { shown, all: notes.length }) : output.dataset.none;
      const query = new URLSearchParams();
      if (tones.length) query.set('tone', tones.join(' '));
      if (kinds.length) query.set('kind', kinds.join(' '));
      for (const [name, value] of Object.entries(chosen)) if (value) query.set(name, value);
      form.querySelector('[type="reset"]').hidden = !query.size;
      if (view) query.set('view', view);
      const url = location.pathname + (query.size ? '?' + query : '') + location.hash;
      try { history.replaceState(history.state, '', url); } catch { /* some browsers refuse it for files */ }
    };
    // Shows a link target even if the filters or the view hide it.
    const clearFiltersFor = id => {
      const note = id.startsWith('note-') && byId.get(id.slice(5));
      const view = root.dataset.view;
      if (note?.off) {
        for (const box of [...toneBoxes, ...kindBoxes]) box.checked = false;
        for (const select of selects) select.value = '';
      }
      if ((note && view === 'text') || (view === 'notes' && source.contains(document.getElementById(id)))) setView('');
      else if (!note?.off) return;
      applyFilters();
    };
    addEventListener('hashchange', () => clearFiltersFor(hashId()));
    if (form) {
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
      for (const box of [...toneBoxes, ...kindBoxes]) box.checked = query.get(box.name)?.split(' ').includes(box.value) ?? false;
      setView(viewBoxes.some(box => box.value === query.get('view')) ? query.get('view') : '');
      form.addEventListener('submit', e => e.preventDefault());
      form.addEventListener('change', e => {
        applyFilters();
        // Drop a link to a note that is now hidden: following it would clear the filters.
        if (linkedNote()?.off) {
          try { history.replaceState(history.state, '', location.pathname + location.search); } catch { /* as above */ }
        }
        const hits = notes.filter(note => !note.off && note.marks.length);
        const filters = !form.querySelector('[type="reset"]').hidden && e.target.name !== 'view' && showsCards();
        if (filters && hits.length && !hits.some(note => isInView(note.marks[0]))) scrollToPassage(hits[0].marks[0]);
      });
      form.addEventListener('reset', () => {
        const { view } = root.dataset;
        setTimeout(() => {
          setView(view);
          applyFilters();
        });
      });
      applyFilters();
      clearFiltersFor(hashId());
    }

    // The window on the map

    const pane = document.querySelector('.map i');
    if (pane) {
      let waiting = false;
      const update = () => {
        waiting = false;
        const [first, last] = [source.firstElementChild, source.lastElementChild].map(block => block?.getBoundingClientRect());
        if (!first) return;
        const height = Math.max(1, last.bottom - first.top);
        // A text that fits in the window needs no map.
        pane.parentElement.hidden = height < innerHeight;
        const [from, to] = [-first.top, innerHeight - first.top].map(y => Math.min(1, Math.max(0, y / height)));
        pane.style.setProperty('--from', from);
        pane.style.setProperty('--part', to - from);
      };
      const request = () => {
        if (!waiting) requestAnimationFrame(update);
        waiting = true;
      };
      for (const event of ['scroll', 'resize']) addEventListener(event, request, { passive: true });
      update();
    }

    // Keyboard shortcuts

    const helpDialog = document.getElementById('keys');
    const enabled = helpDialog.querySelector('[name="use"]');
    enabled.checked = store.get('keys') !== 'off';
    enabled.addEventListener('change', () => store.set('keys', enabled.checked ? 'on' : 'off'));
    if (form) form.elements.help.addEventListener('click', () => helpDialog.showModal());
    const keys = {
      j: () => step(1),
      k: () => step(-1),
      v: () => {
        if (!form) return;
        setView(viewBoxes[(viewBoxes.findIndex(box => box.checked) + 1) % viewBoxes.length].value);
        applyFilters();
      },
      p: () => firstVisibleBlock() && copyParagraph(firstVisibleBlock()),
      '?': () => helpDialog.showModal(),
      Escape: () => {
        const panel = document.querySelector('.panel[open]');
        if (panel) {
          panel.open = false;
          return panel.querySelector('summary').focus();
        }
        const note = notes[currentIndex()];
        if (!note) return;
        const back = note.anchor?.closest?.('.note-ref') ?? note.refs[0];
        closeNote(note);
        back?.focus({ preventScroll: true });
      },
    };
    document.addEventListener('keydown', e => {
      if (e.ctrlKey || e.metaKey || e.altKey || helpDialog.open || e.target.matches('input:not([type="checkbox"], [type="radio"]), textarea, select')) return;
      if (!keys[e.key] || !(enabled.checked || e.key === 'Escape')) return;
      keys[e.key]();
    });

    // Remember the reading position between visits

    const positionKey = 'place ' + source.dataset.source;
    const lastBlock = document.getElementById(store.get(positionKey));
    if (lastBlock && !location.hash && scrollY < 100 && root.dataset.view !== 'notes') {
      const link = document.createElement('a');
      link.href = '#' + lastBlock.id;
      link.textContent = fill(statusLine.dataset.resume, { number: lastBlock.id.slice(2) });
      showStatus(link, 12);
      // Hide the link to the last reading position as soon as the reader does something else.
      const dismiss = () => statusLine.contains(link) && statusLine.replaceChildren();
      for (const event of ['wheel', 'touchmove', 'keydown', 'change']) addEventListener(event, dismiss, { once: true, passive: true });
    }
    addEventListener('pagehide', () => {
      const block = firstVisibleBlock();
      if (block && blocks.indexOf(block) > 1 && scrollY > innerHeight) store.set(positionKey, block.id);
    });
  });
})();
