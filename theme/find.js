// Moves to the search field when / is pressed, on pages that have no other script.
addEventListener('keydown', event => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches?.('input:not([type="checkbox"], [type="radio"]), textarea, select')) return;
  let disabled = false;
  try { disabled = localStorage.getItem('postil keys') === 'off'; } catch { /* private browsing */ }
  const search = document.querySelector('form.find input');
  if (disabled || !search) return;
  event.preventDefault();
  search.focus();
});
