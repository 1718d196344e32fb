// Live reload for `postil serve`: reloads the page at the same reading position, and shows problems.
(() => {
  'use strict';
  const me = document.currentScript;
  const { page, since } = me.dataset;
  const KEY = 'postil serve ' + location.pathname;

  // The reading position: the block at the top of the window, and its distance from the top.

  const place = () => {
    const block = [...document.querySelectorAll('#source [id^="p-"], main [id]')]
      .find(element => element.getBoundingClientRect().bottom > 0);
    return { id: block?.id, top: block?.getBoundingClientRect().top ?? 0, y: scrollY };
  };
  const remember = goto => {
    try { sessionStorage.setItem(KEY, JSON.stringify({ ...place(), goto })); } catch { /* storage is not available */ }
  };
  const recall = () => {
    let kept = null;
    try { kept = JSON.parse(sessionStorage.getItem(KEY)); sessionStorage.removeItem(KEY); } catch { /* storage is not available */ }
    if (!kept) return;
    const goto = kept.goto && document.getElementById(kept.goto);
    if (goto) {
      location.hash = kept.goto;
      goto.scrollIntoView({ block: 'center' });
      goto.tabIndex = -1;
      goto.focus({ preventScroll: true });
      return;
    }
    const block = kept.id && document.getElementById(kept.id);
    scrollTo({ top: block ? scrollY + block.getBoundingClientRect().top - kept.top : kept.y, behavior: 'instant' });
  };
  addEventListener('load', () => requestAnimationFrame(recall));

  // An open note form delays reloading until it is closed.

  let held = false;
  let changed = false;
  let goto = '';
  const reload = () => {
    changed = true;
    if (held) return;
    remember(goto);
    location.reload();
  };
  window.postilLive = {
    hold() { held = true; },
    release(id = '') { held = false; goto = id || goto; if (changed) reload(); },
  };

  // The list of problems

  const box = document.createElement('section');
  box.className = 'postil-problems';
  box.hidden = true;
  box.setAttribute('role', 'status');
  box.setAttribute('aria-label', 'Problems in the site');
  document.body.append(box);
  let closed = '';
  const make = (name, words, parent) => {
    const element = document.createElement(name);
    element.textContent = words;
    parent.append(element);
    return element;
  };
  const count = (number, one) => `${number} ${one}${number === 1 ? '' : 's'}`;
  const show = problems => {
    const key = JSON.stringify(problems.first);
    box.hidden = !problems.errors || closed === key;
    if (box.hidden) return;
    box.replaceChildren();
    const head = make('div', '', box);
    make('h2', count(problems.errors, 'error'), head);
    make('p', 'The page shows its last version without errors.', head);
    const close = make('button', 'Close', head);
    close.type = 'button';
    close.addEventListener('click', () => { closed = key; box.hidden = true; });
    for (const { code, message, place, help, excerpt } of problems.first) {
      const one = make('article', '', box);
      make('h3', `${message} `, one).append(Object.assign(document.createElement('code'), { textContent: code }));
      make('p', place, one).className = 'place';
      if (help) make('p', `Help: ${help}`, one).className = 'help';
      make('pre', excerpt.replace(/^ *-->.*\n/, ''), one).tabIndex = 0;
    }
    const more = problems.errors - problems.first.length;
    if (more > 0) make('p', `And ${more} more, listed in the terminal.`, box);
  };

  // Only a visible page listens, because browsers limit the number of connections to one server.

  let updates = null;
  const listen = () => {
    updates?.close();
    updates = null;
    if (document.visibilityState === 'hidden') return;
    updates = new EventSource(`/_postil/updates?page=${encodeURIComponent(page)}&since=${since}`);
    updates.addEventListener('changed', reload);
    updates.addEventListener('problems', event => show(JSON.parse(event.data)));
  };
  listen();
  document.addEventListener('visibilitychange', listen);
  addEventListener('pagehide', () => updates?.close());
  addEventListener('pageshow', event => { if (event.persisted) listen(); });
})();
