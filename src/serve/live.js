// Waits for news from `postil serve`: loads the page again at the same place, and tells what is wrong.
(() => {
  'use strict';
  const me = document.currentScript;
  const { page, since } = me.dataset;
  const KEY = 'postil serve ' + location.pathname;

  // The reader's place: the block at the top of the window, and how far from the top it is.

  const place = () => {
    const block = [...document.querySelectorAll('#source [id^="p-"], main [id]')]
      .find(element => element.getBoundingClientRect().bottom > 0);
    return { id: block?.id, top: block?.getBoundingClientRect().top ?? 0, y: scrollY };
  };
  const remember = goto => {
    try { sessionStorage.setItem(KEY, JSON.stringify({ ...place(), goto })); } catch { /* storage is shut */ }
  };
  const recall = () => {
    let kept = null;
    try { kept = JSON.parse(sessionStorage.getItem(KEY)); sessionStorage.removeItem(KEY); } catch { /* the same */ }
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

  // A form that is being filled in holds the page until it is done.

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

  // What is wrong

  const box = document.createElement('section');
  box.className = 'postil-problems';
  box.hidden = true;
  box.setAttribute('role', 'status');
  box.setAttribute('aria-label', 'Problems of the site');
  document.body.append(box);
  let closed = '';
  const make = (name, words, parent) => {
    const element = document.createElement(name);
    element.textContent = words;
    parent.append(element);
    return element;
  };
  const many = (number, one) => `${number} ${one}${number === 1 ? '' : 's'}`;
  const tell = problems => {
    const key = JSON.stringify(problems.told);
    box.hidden = !problems.errors || closed === key;
    if (box.hidden) return;
    box.replaceChildren();
    const head = make('div', '', box);
    make('h2', many(problems.errors, 'error'), head);
    make('p', 'The page is as it was when it last had none.', head);
    const close = make('button', 'Close', head);
    close.type = 'button';
    close.addEventListener('click', () => { closed = key; box.hidden = true; });
    for (const { code, message, place, help, excerpt } of problems.told) {
      const one = make('article', '', box);
      make('h3', `${message} `, one).append(Object.assign(document.createElement('code'), { textContent: code }));
      make('p', place, one).className = 'place';
      if (help) make('p', `What to do: ${help}`, one).className = 'help';
      make('pre', excerpt.replace(/^ *-->.*\n/, ''), one).tabIndex = 0;
    }
    const more = problems.errors - problems.told.length;
    if (more > 0) make('p', `And ${more} more: the terminal has them all.`, box);
  };

  // Only a page that is looked at listens: browsers keep few connections to one address for all their windows.

  let news = null;
  const listen = () => {
    news?.close();
    news = null;
    if (document.visibilityState === 'hidden') return;
    news = new EventSource(`/_postil/news?page=${encodeURIComponent(page)}&since=${since}`);
    news.addEventListener('changed', reload);
    news.addEventListener('problems', event => tell(JSON.parse(event.data)));
  };
  listen();
  document.addEventListener('visibilitychange', listen);
  addEventListener('pagehide', () => news?.close());
  addEventListener('pageshow', event => { if (event.persisted) listen(); });
})();
