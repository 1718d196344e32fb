/** Selects the given occurrence of words in the text, as a reader would. */
export const selectWords = (page, words, occurrence = 1) => page.evaluate(([words, occurrence]) => {
  const source = document.getElementById('source');
  let at = -1;
  for (let i = 0; i < occurrence; i++) at = source.textContent.indexOf(words, at + 1);
  const range = document.createRange();
  const walker = document.createTreeWalker(source, NodeFilter.SHOW_TEXT);
  let start = at, end = at + words.length, node;
  while ((node = walker.nextNode())) {
    if (start >= 0 && start <= node.length) { range.setStart(node, start); start = -1; }
    if (end <= node.length) { range.setEnd(node, end); break; }
    if (start >= 0) start -= node.length;
    end -= node.length;
  }
  range.startContainer.parentElement.scrollIntoView({ block: 'center' });
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}, [words, occurrence]);
