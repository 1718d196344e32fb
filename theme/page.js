// What pages of every kind share: the search field in the header, and wide tables that scroll.
document.addEventListener('DOMContentLoaded', () => {
  // So that a table that is wider than the page can be scrolled with the keyboard.
  for (const table of document.querySelectorAll('table')) if (table.scrollWidth > table.clientWidth) table.tabIndex = 0;

  // A site of one text opens with the text.
  const { onlyText } = document.querySelector('main')?.dataset ?? {};
  if (onlyText) location.replace(onlyText);

  const form = document.querySelector('form.find');
  if (!form) return;
  addEventListener('keydown', event => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches?.('input:not([type="checkbox"], [type="radio"]), textarea, select')) return;
    let disabled = false;
    try { disabled = localStorage.getItem('postil keys') === 'off'; } catch { /* private browsing */ }
    if (disabled) return;
    event.preventDefault();
    form.elements.q.focus();
  });
  // A strict content security policy forbids forms, but not links.
  form.addEventListener('submit', event => {
    event.preventDefault();
    location.href = `${form.action}?q=${encodeURIComponent(form.elements.q.value)}`;
  });
});
