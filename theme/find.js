// The key / leads to the search from pages that have no other script.
addEventListener('keydown', event => {
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches?.('input:not([type="checkbox"], [type="radio"]), textarea, select')) return;
  let off = false;
  try { off = localStorage.getItem('postil keys') === 'off'; } catch { /* private browsing */ }
  const search = document.querySelector('a.find');
  if (off || !search) return;
  event.preventDefault();
  search.click();
});
