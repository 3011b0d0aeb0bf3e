// Returns the texts whose contrast with what is behind them is below 4.5 to 1 (WCAG 2.2, 1.4.3); what cannot be pressed is free.
const parse = text => {
  const numbers = text.match(/[\d.]+/g).map(Number);
  return [numbers[0], numbers[1], numbers[2], numbers.length > 3 ? numbers[3] : 1];
};
const over = (front, back) => [0, 1, 2].map(i => front[i] * front[3] + back[i] * (1 - front[3])).concat(1);
const ground = element => {
  const own = parse(getComputedStyle(element).backgroundColor);
  return own[3] === 1 ? own : over(own, element.parentElement ? ground(element.parentElement) : [255, 255, 255, 1]);
};
const light = colour => colour.slice(0, 3).map(value => value / 255)
    .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
    .reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i], 0);
const found = [];
for (const element of document.querySelectorAll('body *')) {
  const text = [...element.childNodes].filter(node => node.nodeType === 3).map(node => node.data.trim()).join('');
  if (!text || /^(SCRIPT|STYLE|NOSCRIPT)$/.test(element.tagName) || element.closest('button:disabled') || !element.checkVisibility()) {
    continue;
  }
  const back = ground(element);
  const front = over(parse(getComputedStyle(element).color), back);
  const [low, high] = [light(front), light(back)].sort((one, other) => one - other);
  const contrast = (high + 0.05) / (low + 0.05);
  if (contrast < 4.5) {
    found.push(contrast.toFixed(2) + ' ' + text.slice(0, 60));
  }
}
return found;
