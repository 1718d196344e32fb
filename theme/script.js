// Adds filters, keyboard shortcuts, links to copy and highlighting to a reader page.
// The page works without this script: every word and every note can be read and reached.
(() => {
  'use strict';
  const root = document.documentElement;
  root.classList.add('js');

  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
  // The address of this page without its query, so that a copied link does not carry the copier's filters.
  const pageUrl = () => location.href.split(/[?#]/)[0];
  const store = {
    get: key => { try { return localStorage.getItem('postil ' + key); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem('postil ' + key, value); } catch { /* private browsing */ } },
  };

  document.addEventListener('DOMContentLoaded', () => {
    const source = document.getElementById('source');
    const statusLine = document.querySelector('.told');
    const notes = all('[data-note]').map(body => ({
      id: body.id.slice(5), body, details: body.parentElement, kind: body.dataset.kind, layer: body.dataset.layer,
      verdict: `${body.dataset.kind} ${body.dataset.verdict}`, tags: (body.dataset.tags || '').split(' '),
      marks: [], refs: [], mapLinks: [], off: false,
    }));
    const byId = new Map(notes.map(note => [note.id, note]));
    const byDetails = new Map(notes.map(note => [note.details, note]));
    const marks = all('mark[data-notes]', source).map(mark => {
      const markNotes = mark.dataset.notes.split(' ').map(id => byId.get(id)).filter(Boolean);
      for (const note of markNotes) note.marks.push(mark);
      return { mark, markNotes };
    });
    const targetId = link => decodeURIComponent(link.getAttribute('href').slice(1));
    const noteIdOf = link => targetId(link).replace(/^(note|passage)-/, '').replace(/\.\d+$/, '');
    for (const link of all('.note-ref')) byId.get(targetId(link).slice(5))?.refs.push(link);
    for (const link of all('.lane a')) byId.get(noteIdOf(link))?.mapLinks.push(link);

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
      const at = element.closest?.('mark[data-notes], .note-ref, .lane a, .note');
      if (!at) return [];
      const ids = at.matches('mark') ? at.dataset.notes.split(' ')
        : [at.matches('a') ? noteIdOf(at) : byDetails.get(at)?.id];
      return ids.map(id => byId.get(id)).filter(note => note && !note.off);
    };
    for (const event of ['mouseover', 'focusin']) document.addEventListener(event, e => highlight(notesAt(e.target)));

    // Navigation

    const scrollToShow = (element, below = 0) => {
      const { top, bottom } = element.getBoundingClientRect();
      const end = innerHeight - below - 24;
      // Enough to show the end of the passage above the sheet, but not past its beginning.
      const least = Math.min(bottom - end, top - 24);
      if (top < 24) scrollBy(0, Math.max(top - innerHeight / 8, least));
      else if (top > 1.5 * innerHeight) scrollBy(0, Math.max(top - innerHeight / 3, least));
      else if (bottom > end) scrollBy(0, least);
    };
    // Follows a link to `id`. Scrolls only if the target is out of view.
    const goTo = id => {
      const place = document.getElementById(id);
      if (!place) return;
      const y = scrollY;
      location.hash = id;
      scrollTo(scrollX, y);
      clearFiltersFor(id);
      const note = byId.get(id.slice(5));
      if (place !== note?.body) return scrollToShow(place);
      openNote(note);
    };
    let lastOpened = null;
    const openNote = note => {
      lastOpened = note;
      note.details.open = true;
      addTools(note);
      const asSheet = narrow.matches;
      if (note.marks[0] && root.dataset.view !== 'notes') scrollToShow(note.marks[0], asSheet ? innerHeight * 0.55 : 0);
      if (!asSheet) scrollToShow(note.details);
    };
    const linkedNote = () => byId.get(decodeURIComponent(location.hash.slice(6)));
    // Browsers scroll to the linked element after loading, so correct the position after that.
    if (linkedNote()) addEventListener('load', () => requestAnimationFrame(() => linkedNote() && openNote(linkedNote())));
    let allOpen = false;
    const isCurrent = note => note.details.open && (!allOpen || note === linkedNote());
    const currentIndex = () => notes.findIndex(isCurrent);
    const step = by => {
      let at = currentIndex();
      const isInView = note => {
        const { top, bottom } = note.marks[0].getBoundingClientRect();
        return bottom > 0 && top < innerHeight;
      };
      if (at < 0 && lastOpened?.marks.length && isInView(lastOpened)) {
        at = notes.indexOf(lastOpened);
      } else if (at < 0) {
        at = notes.findIndex(note => (note.marks[0] ?? note.details).getBoundingClientRect().top > 0);
        if (by > 0) at -= 1;
      }
      do at += by; while (notes[at]?.off);
      if (!notes[at]) return;
      goTo('note-' + notes[at].id);
      notes[at].details.querySelector('summary').focus({ preventScroll: true });
    };
    document.addEventListener('click', e => {
      const link = e.target.closest('a[href^="#"]');
      if (link && !e.ctrlKey && !e.metaKey && !e.shiftKey) {
        const id = targetId(link);
        if (!/^(note|passage)-/.test(id)) return clearFiltersFor(id);
        e.preventDefault();
        return goTo(id);
      }
      const { left, right } = e.target.getBoundingClientRect();
      if (e.target.matches('#source [id^="p-"]') && (e.clientX < left || e.clientX > right)) return copyParagraph(e.target);
      const mark = e.target.closest('mark[data-notes]');
      if (!mark || e.target.closest('a') || !getSelection().isCollapsed || root.dataset.view === 'text') return;
      const markNotes = notesAt(mark);
      const next = markNotes[(markNotes.findIndex(isCurrent) + 1) % markNotes.length];
      if (next) goTo('note-' + next.id);
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
      // If the phrase occurs several times, the words before it single out the right place.
      const repeated = source.textContent.split(words).length > 2;
      const prefix = repeated ? before.toString().trim().split(/\s+/).slice(-3).join(' ') : '';
      return `#passage-${note.id}:~:text=${prefix && encode(prefix) + '-,'}${exact}`;
    };
    const addTools = note => {
      if (note.tools || root.dataset.view === 'notes') return;
      note.tools = document.getElementById('tools').content.firstElementChild.cloneNode(true);
      if (!note.marks.length) note.tools.querySelector('[name="passage"]').remove();
      note.body.append(note.tools);
    };
    document.addEventListener('toggle', e => {
      const note = byDetails.get(e.target);
      if (note?.details.open) addTools(note);
    }, true);
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
    const kindBoxes = form ? all('[name="kind"]', form) : [];
    const selects = form ? all('select', form) : [];
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
    const offersOpenView = form && [...form.elements.view.options].some(option => option.value === 'open');
    const applyFilters = () => {
      const chosen = Object.fromEntries(selects.map(select => [select.name, select.value]));
      const viewChanges = 'view' in root.dataset && root.dataset.view !== chosen.view;
      if (viewChanges) savePosition();
      const shownKinds = kindBoxes.filter(box => box.checked).map(box => box.value);
      for (const note of notes) {
        note.off = !shownKinds.includes(note.kind) || (chosen.verdict && chosen.verdict !== note.verdict)
          || (chosen.tag && !note.tags.includes(chosen.tag)) || (chosen.layer && chosen.layer !== note.layer) || false;
      }
      updateNotes();
      for (const { mark, markNotes } of marks) {
        const shown = [...new Set(markNotes.filter(note => !note.off).map(note => note.kind))].join(' ');
        if (mark.dataset.kinds !== shown) mark.dataset.kinds = shown;
      }
      if (chosen.view === 'open') setOrder();
      // Open all notes only if the page offers that view: closing thousands of them again takes seconds.
      const open = chosen.view === 'open' || (chosen.view === 'notes' && offersOpenView);
      if (open !== allOpen) {
        allOpen = open;
        for (const { details } of notes) {
          details.open = false;
          details.name = open ? '' : 'note';
          details.open = open;
        }
      }
      root.dataset.view = chosen.view;
      if (viewChanges) restorePosition();
      const shown = chosen.view === 'text' ? 0 : notes.filter(note => !note.off).length;
      form.querySelector('output').textContent = fill(form.querySelector('output').dataset.words, { shown, all: notes.length });
      const query = new URLSearchParams();
      for (const [name, value] of Object.entries(chosen)) if (value) query.set(name, value);
      if (shownKinds.length < kindBoxes.length) query.set('kind', shownKinds.join(' '));
      form.querySelector('[type="reset"]').hidden = !query.size;
      const url = location.pathname + (query.size ? '?' + query : '') + location.hash;
      try { history.replaceState(history.state, '', url); } catch { /* some browsers refuse it for files */ }
    };
    // Shows a link target even if the filters or the view hide it.
    const clearFiltersFor = id => {
      const note = id.startsWith('note-') && byId.get(id.slice(5));
      const view = form?.elements.view;
      if (note?.off) {
        form.reset();
      } else if (view && ((note && view.value === 'text') || (view.value === 'notes' && source.contains(document.getElementById(id))))) {
        view.value = '';
      } else {
        return;
      }
      applyFilters();
    };
    const hashId = () => decodeURIComponent(location.hash.slice(1));
    addEventListener('hashchange', () => clearFiltersFor(hashId()));
    // On wide screens CSS shows the contents of these elements. Open them as well, for older browsers and screen readers.
    for (const folded of narrow.matches ? [] : all('.folds')) {
      folded.open = true;
      folded.querySelector('summary').tabIndex = -1;
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
      if (query.has('kind')) for (const box of kindBoxes) box.checked = query.get('kind').split(' ').includes(box.value);
      form.addEventListener('change', () => {
        applyFilters();
        // Drop a link to a note that is now hidden: following it would clear the filters.
        if (linkedNote()?.off) {
          try { history.replaceState(history.state, '', location.pathname + location.search); } catch { /* as above */ }
        }
      });
      form.addEventListener('reset', () => setTimeout(applyFilters));
      applyFilters();
      clearFiltersFor(hashId());
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
        const view = form?.elements.view;
        if (!view) return;
        view.selectedIndex = (view.selectedIndex + 1) % view.length;
        applyFilters();
      },
      p: () => firstVisibleBlock() && copyParagraph(firstVisibleBlock()),
      '/': () => document.querySelector('a.find')?.click(),
      '?': () => helpDialog.showModal(),
      Escape: () => {
        const note = notes[currentIndex()];
        if (!note) return;
        note.details.open = false;
        note.refs[0]?.focus({ preventScroll: true });
      },
    };
    document.addEventListener('keydown', e => {
      if (e.ctrlKey || e.metaKey || e.altKey || helpDialog.open || e.target.matches('input:not([type="checkbox"]), textarea, select')) return;
      if (!keys[e.key] || !(enabled.checked || e.key === 'Escape')) return;
      // Firefox uses this key for its own search.
      if (e.key === '/') e.preventDefault();
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
      // Hide the offer as soon as the reader does something else.
      const dismiss = () => statusLine.contains(link) && statusLine.replaceChildren();
      for (const event of ['wheel', 'touchmove', 'keydown', 'change']) addEventListener(event, dismiss, { once: true, passive: true });
    }
    addEventListener('pagehide', () => {
      const block = firstVisibleBlock();
      if (block && blocks.indexOf(block) > 1 && scrollY > innerHeight) store.set(positionKey, block.id);
    });
  });
})();
