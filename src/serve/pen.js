// `postil serve --edit`: a note on the words that are selected in the text.
(() => {
  'use strict';
  const { token } = document.currentScript.dataset;
  const source = document.getElementById('source');
  if (!source) return;
  const live = window.postilLive;

  const make = (name, words = '', parent = null, values = {}) => {
    const element = Object.assign(document.createElement(name), values);
    element.textContent = words;
    parent?.append(element);
    return element;
  };
  const points = words => [...words].length;

  // The selection as a run of the reading text, which is the text of `#source` to the letter.

  const selected = () => {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0).cloneRange();
    if (!range.intersectsNode(source)) return null;
    const whole = document.createRange();
    whole.selectNodeContents(source);
    if (range.compareBoundaryPoints(Range.START_TO_START, whole) < 0) range.setStart(source, 0);
    if (range.compareBoundaryPoints(Range.END_TO_END, whole) > 0) range.setEnd(source, source.childNodes.length);
    const words = range.toString();
    if (!words.trim()) return null;
    const before = whole.cloneRange();
    before.setEnd(range.startContainer, range.startOffset);
    const start = points(before.toString());
    return { start, end: start + points(words), words, box: range.getBoundingClientRect() };
  };

  // The pen beside the selection

  const pen = make('button', 'Write a note', document.body, { type: 'button', className: 'postil-pen', hidden: true });
  pen.title = 'On the selected words (n)';
  let last = null;
  const offer = () => {
    const found = box.hidden && selected();
    pen.hidden = !found;
    if (!found) return;
    last = found;
    pen.style.insetBlockStart = `${scrollY + found.box.bottom + 8}px`;
    const room = document.documentElement.clientWidth - pen.offsetWidth - 8;
    pen.style.left = `${Math.max(8, Math.min(found.box.left, room))}px`;
  };
  document.addEventListener('selectionchange', offer);
  // A press must not take the selection away before it is read.
  pen.addEventListener('pointerdown', event => event.preventDefault());
  pen.addEventListener('click', () => open(last));
  addEventListener('keydown', event => {
    const typing = event.target.closest?.('input, textarea, select, [contenteditable]');
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'n' && !pen.hidden) {
      event.preventDefault();
      event.stopImmediatePropagation();
      open(last);
    }
  }, true);

  // The form

  const box = make('div', '', document.body, { className: 'postil-form', hidden: true });
  box.setAttribute('role', 'dialog');
  box.setAttribute('aria-label', 'A note on the selected words');
  const form = make('form', '', box, { noValidate: true });
  let passage = null;
  let offered = null;

  const field = (label, control, parent) => {
    const around = make('label', '', parent);
    make('span', label, around);
    around.append(control);
    return control;
  };
  const options = (select, choices) => select.replaceChildren(
    ...choices.map(([value, words]) => make('option', words, null, { value })),
  );

  const open = async chosen => {
    if (!chosen) return;
    pen.hidden = true;
    try {
      const asked = await fetch(`/_postil/form?source=${encodeURIComponent(source.dataset.source)}`,
        { headers: { 'X-Postil-Token': token } });
      if (!asked.ok) throw new Error(asked.status === 403 ? AGAIN : await asked.text());
      offered = await asked.json();
    } catch (error) {
      sorry(error instanceof TypeError ? GONE : error.message);
      return;
    }
    passage = chosen;
    live.hold();
    draw();
  };

  const GONE = 'The server does not answer: is it still running?';
  const AGAIN = 'The server was started again since this page was loaded: load the page again. What you typed is kept.';
  const sorry = why => {
    form.replaceChildren();
    make('p', why, form, { className: 'why' }).setAttribute('role', 'alert');
    const row = make('div', '', form, { className: 'do' });
    const button = make('button', 'Close', row, { type: 'button' });
    button.addEventListener('click', close);
    box.hidden = false;
    button.focus();
  };

  // What is typed is kept until it is written, whatever becomes of the page.

  const KEPT = 'postil note on ' + source.dataset.source;
  const kept = () => { try { return JSON.parse(sessionStorage.getItem(KEPT)) ?? {}; } catch { return {}; } };
  const keep = values => {
    try {
      if (values) sessionStorage.setItem(KEPT, JSON.stringify(values));
      else sessionStorage.removeItem(KEPT);
    } catch { /* storage is shut */ }
  };

  const draw = () => {
    form.replaceChildren();
    make('h2', 'A note on these words', form);
    make('blockquote', passage.words.trim(), form).id = 'postil-quoted';
    box.setAttribute('aria-describedby', 'postil-quoted');
    const two = make('div', '', form, { className: 'two' });
    const kind = field('Kind', make('select', '', null, { name: 'kind' }), two);
    const verdict = field('Verdict', make('select', '', null, { name: 'verdict' }), two);
    options(kind, offered.kinds.map(kind => [kind.id, kind.label]));
    const verdicts = () => {
      const found = offered.kinds.find(one => one.id === kind.value);
      options(verdict, [['', 'none'], ...found.verdicts.map(one => [one.id, one.label])]);
    };
    kind.addEventListener('change', verdicts);
    verdicts();
    const title = field('Title', make('input', '', null, { name: 'title', autocomplete: 'off' }), form);
    title.maxLength = 200;
    title.placeholder = 'Taken from the words, if left out';
    field('Note, in Markdown', make('textarea', '', null, { name: 'body' }), form).placeholder =
      'What is wrong with these words; cite works as [@key, p. 3]';
    if (offered.layers.length > 1) {
      const layer = field('Layer', make('select', '', null, { name: 'layer' }), form);
      options(layer, offered.layers.map(layer => [layer.file, `${layer.name} (${layer.file})`]));
    }
    make('p', '', form, { className: 'why' }).setAttribute('role', 'alert');
    const row = make('div', '', form, { className: 'do' });
    make('button', 'Cancel', row, { type: 'button' }).addEventListener('click', close);
    make('button', 'Write the note', row, { type: 'submit' });
    const typed = kept();
    if (offered.kinds.some(one => one.id === typed.kind)) kind.value = typed.kind;
    verdicts();
    for (const name of ['verdict', 'title', 'body']) {
      if (typed[name]) form.elements[name].value = typed[name];
    }
    if (verdict.selectedIndex < 0) verdict.value = '';
    box.hidden = false;
    kind.focus();
  };
  form.addEventListener('input', () => keep(Object.fromEntries(new FormData(form))));

  const close = () => {
    box.hidden = true;
    live.release();
    offer();
    if (!pen.hidden) pen.focus();
  };

  const fail = why => {
    form.querySelector('.why').textContent = why;
    form.elements.body.focus();
  };

  let sending = false;
  form.addEventListener('submit', async event => {
    event.preventDefault();
    if (sending || !form.elements.body) return;
    sending = true;
    const values = Object.fromEntries(new FormData(form));
    const { start, end, words } = passage;
    const button = form.querySelector('[type=submit]');
    button.disabled = true;
    try {
      const answer = await fetch('/_postil/notes', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-Postil-Token': token },
        body: JSON.stringify({ source: source.dataset.source, start, end, words, layer: '', ...values }),
      });
      if (!answer.ok) { fail(answer.status === 403 ? AGAIN : await answer.text()); return; }
      const { id } = await answer.json();
      keep(null);
      box.hidden = true;
      getSelection().removeAllRanges();
      live.release(`note-${id}`);
    } catch {
      button.disabled = false;
      fail(GONE);
    } finally {
      sending = false;
      button.disabled = false;
    }
  });
  form.addEventListener('keydown', event => {
    // Keys of the page are not meant while a note is written.
    event.stopPropagation();
    if (event.key === 'Escape') close();
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.repeat) form.requestSubmit();
  });
})();
