// Returns the pairs of texts that lie over each other, as a reader sees them: cut where a box around them scrolls.
const clips = new Map();
const clip = element => {
  if (!element || element === document.documentElement) {
    return {left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity};
  }
  if (!clips.has(element)) {
    const outer = clip(element.parentElement);
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    clips.set(element, style.overflowX === 'visible' && style.overflowY === 'visible' ? outer : {
      left: Math.max(outer.left, box.left), top: Math.max(outer.top, box.top),
      right: Math.min(outer.right, box.right), bottom: Math.min(outer.bottom, box.bottom)});
  }
  return clips.get(element);
};
const isSticky = element => element && (getComputedStyle(element).position === 'sticky' || isSticky(element.parentElement));
const isHidden = element => !element.checkVisibility({visibilityProperty: true, opacityProperty: true}) || element.closest('.skip, noscript');
const texts = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
  const parent = node.parentElement;
  if (!node.data.trim() || /^(SCRIPT|STYLE)$/.test(parent.tagName) || isHidden(parent) || isSticky(parent)) {
    continue;
  }
  const range = document.createRange();
  range.selectNodeContents(node);
  const bounds = clip(parent);
  for (const box of range.getClientRects()) {
    const seen = {left: Math.max(box.left, bounds.left), right: Math.min(box.right, bounds.right),
      top: Math.max(box.top, bounds.top) + 2, bottom: Math.min(box.bottom, bounds.bottom) - 2, text: node.data.trim(), node};
    if (seen.right - seen.left > 2 && seen.bottom - seen.top > 2) {
      texts.push(seen);
    }
  }
}
texts.sort((one, other) => one.top - other.top);
const found = [];
texts.forEach((one, i) => {
  for (let j = i + 1; j < texts.length && texts[j].top < one.bottom; j++) {
    const other = texts[j];
    if (other.node !== one.node && other.left < one.right - 1 && one.left < other.right - 1) {
      found.push(one.text.slice(0, 60) + ' | ' + other.text.slice(0, 60));
    }
  }
});
return found;
