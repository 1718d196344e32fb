// Measurements inside a page. Each function is serialized and run there, so it cannot use anything outside itself.

/** The elements that overflow the page horizontally. */
export function overflow() {
  const width = document.documentElement.clientWidth;
  const beyond = document.documentElement.scrollWidth - width;
  const found = beyond > 0 ? [`the page is ${beyond}px wider than the window`] : [];
  const scrolls = (element) => element && (/auto|scroll/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
  for (const element of document.querySelectorAll('body *')) {
    const box = element.getBoundingClientRect();
    if (box.width > 1 && box.left < width && box.right > width + 1 && !scrolls(element.parentElement)) {
      found.push(`${element.tagName.toLowerCase()}#${element.id}.${element.className} ends at ${Math.round(box.right)}px of ${width}px`);
    }
  }
  return found.slice(0, 5);
}

/** The boxes of the notes as displayed, open or collapsed. */
export function notes() {
  return [...document.querySelectorAll('[data-note]')].map((note) => {
    const frame = note.closest('details') ?? note;
    const { left, top, right, bottom } = frame.getBoundingClientRect();
    const visible = frame.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && right > left && bottom > top;
    const id = note.id.replace(/^note-/, '');
    const mark = document.getElementById(`passage-${id}`);
    return { id, left, top, right, bottom, visible, passage: mark?.getBoundingClientRect().top };
  });
}

/** The boxes of the blocks of the text. */
export function blocks() {
  return [...document.querySelectorAll('#source > *')].map((block) => {
    const { left, top, right, bottom } = block.getBoundingClientRect();
    return { id: block.id || block.tagName, left, top, right, bottom };
  });
}

/** Pairs of boxes that overlap by more than a pixel. */
export function overlaps(boxes, others = null) {
  const pairs = [];
  boxes.forEach((a, at) => {
    for (const b of others ?? boxes.slice(at + 1)) {
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (across > 1 && down > 1) pairs.push(`${a.id} and ${b.id} by ${Math.round(across)} × ${Math.round(down)}px`);
    }
  });
  return pairs;
}

/** A visible point of an element that is not covered, if possible the middle of its largest box. */
export function pressable(element) {
  const boxes = [...element.getClientRects()].filter((box) => box.width > 0 && box.height > 0);
  boxes.sort((a, b) => b.width * b.height - a.width * a.height);
  const middles = boxes.map((box) => ({ x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 }));
  return middles.find(({ x, y }) => element.contains(document.elementFromPoint(x, y))) ?? null;
}

/** Whether an element is in the window, not covered by anything except its siblings. */
export function inSight(element) {
  const boxes = [...element.getClientRects()].filter((box) => box.width > 0 && box.height > 0);
  return boxes.some((box) => {
    const there = document.elementFromPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
    return there !== null && (there.contains(element) || element.parentElement.contains(there));
  });
}
