// `postil serve --edit`: the form for writing a note on selected words.
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

  // The selection as a range of the reading text, which is exactly the text content of `#source`.

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

  // The button beside the selection

  const addButton = make('button', 'Write a note', document.body, { type: 'button', className: 'postil-add-note', hidden: true });
  addButton.title = 'Write a note on the selected words (n)';
  let last = null;
  const offer = () => {
    const found = box.hidden && selected();
    addButton.hidden = !found;
    if (!found) return;
    last = found;
    addButton.style.insetBlockStart = `${scrollY + found.box.bottom + 8}px`;
    const room = document.documentElement.clientWidth - addButton.offsetWidth - 8;
    addButton.style.left = `${Math.max(8, Math.min(found.box.left, room))}px`;
  };
  document.addEventListener('selectionchange', offer);
  // Keep the selection when the button is pressed.
  addButton.addEventListener('pointerdown', event => event.preventDefault());
  addButton.addEventListener('click', () => open(last));
  addEventListener('keydown', event => {
    const typing = event.target.closest?.('input, textarea, select, [contenteditable]');
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'n' && !addButton.hidden) {
      event.preventDefault();
      event.stopImmediatePropagation();
      open(last);
    }
  }, true);

  // The form

  const box = make('div', '', document.body, { className: 'postil-form', hidden: true });
  box.setAttribute('role', 'dialog');
  box.setAttribute('aria-label', 'Note on the selected words');
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
    addButton.hidden = true;
    try {
      const asked = await fetch(`/_postil/form?source=${encodeURIComponent(source.dataset.source)}`,
        { headers: { 'X-Postil-Token': token } });
      if (!asked.ok) throw new Error(asked.status === 403 ? RESTARTED : await asked.text());
      offered = await asked.json();
    } catch (error) {
      showError(error instanceof TypeError ? NO_ANSWER : error.message);
      return;
    }
    passage = chosen;
    live.hold();
    draw();
  };

  const NO_ANSWER = 'The server is not responding. Is it still running?';
  const RESTARTED = 'The server has been restarted. Reload the page; your input is kept.';
  const showError = why => {
    form.replaceChildren();
    make('p', why, form, { className: 'why' }).setAttribute('role', 'alert');
    const row = make('div', '', form, { className: 'do' });
    const button = make('button', 'Close', row, { type: 'button' });
    button.addEventListener('click', close);
    box.hidden = false;
    button.focus();
  };

  // Input is kept until the note is written, even if the page is reloaded.

  const KEY = 'postil note on ' + source.dataset.source;
  const kept = () => { try { return JSON.parse(sessionStorage.getItem(KEY)) ?? {}; } catch { return {}; } };
  const keep = values => {
    try {
      if (values) sessionStorage.setItem(KEY, JSON.stringify(values));
      else sessionStorage.removeItem(KEY);
    } catch { /* storage is not available */ }
  };

  const draw = () => {
    form.replaceChildren();
    make('h2', 'Note on these words', form);
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
    title.placeholder = 'Made from the words if left empty';
    field('Note (Markdown)', make('textarea', '', null, { name: 'body' }), form).placeholder =
      'What you want to say about these words. Cite works as [@key, p. 3]';
    if (offered.layers.length > 1) {
      const layer = field('Layer', make('select', '', null, { name: 'layer' }), form);
      options(layer, offered.layers.map(layer => [layer.file, `${layer.name} (${layer.file})`]));
    }
    make('p', '', form, { className: 'why' }).setAttribute('role', 'alert');
    const row = make('div', '', form, { className: 'do' });
    make('button', 'Cancel', row, { type: 'button' }).addEventListener('click', close);
    make('button', 'Save note', row, { type: 'submit' });
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
    if (!addButton.hidden) addButton.focus();
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
      if (!answer.ok) { fail(answer.status === 403 ? RESTARTED : await answer.text()); return; }
      const { id } = await answer.json();
      keep(null);
      box.hidden = true;
      getSelection().removeAllRanges();
      live.release(`note-${id}`);
    } catch {
      button.disabled = false;
      fail(NO_ANSWER);
    } finally {
      sending = false;
      button.disabled = false;
    }
  });
  form.addEventListener('keydown', event => {
    // Keyboard shortcuts of the page do not apply while the form is open.
    event.stopPropagation();
    if (event.key === 'Escape') close();
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.repeat) form.requestSubmit();
  });
})();
