// The search field in the header: moves to it when / is pressed, and opens the search page with its words.
document.addEventListener('DOMContentLoaded', () => {
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
