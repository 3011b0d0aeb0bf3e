// The frame: elements, numbers, the theme, parts and their links. Whatever comes from a run goes in as text, never as HTML.

/** Makes an element: attributes that are functions listen, children are elements or texts. */
function el(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (typeof value === 'function') {
      made.addEventListener(key, value);
    } else if (value === true) {
      made.setAttribute(key, '');
    } else if (value !== false && value !== null && value !== undefined) {
      made.setAttribute(key, value);
    }
  }
  made.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined));
  return made;
}

const page = {
  data: JSON.parse(document.getElementById('data').textContent),
  /** Told when colours change. */
  themed: [],
};

/** A figure in at most six characters or so; a dash where there is none. */
function number(value) {
  if (value === null || value === undefined || Number.isNaN(value)) {
    return '–';
  }
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e7) {
    return value.toLocaleString('en-US');
  }
  return size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(2) : String(Number(value.toPrecision(4)));
}

const isShare = figure => /accuracy$/.test(figure);
const words = name => name.replaceAll('_', ' ');
const titled = name => words(name).replace(/^./, letter => letter.toUpperCase());
const figure = (name, value) =>
    value === null || value === undefined ? '–' : isShare(name) ? (100 * value).toFixed(2) + ' %' : number(value);

function duration(seconds) {
  const whole = Math.round(seconds);
  if (whole < 60) {
    return seconds < 10 ? seconds.toFixed(1) + ' s' : whole + ' s';
  }
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours ? hours + ' h ' + minutes + ' min' : minutes + ' min ' + (whole % 60) + ' s';
}

function bytes(count) {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (count >= 1000 && unit < units.length - 1) {
    count /= 1000;
    unit++;
  }
  return (unit ? count.toFixed(1) : count) + ' ' + units[unit];
}

const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Series are told apart by colour and, beyond seven, by dashes. */
const SERIES = 7;
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3]];
const seriesColour = i => colour('--s' + (i % SERIES + 1));
const seriesDash = i => DASHES[Math.floor(i / SERIES) % DASHES.length];

function chosenTheme() {
  try {
    return localStorage.getItem('djinn-theme');
  } catch (e) {
    return null;
  }
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  const button = document.getElementById('theme');
  if (button) {
    button.textContent = theme === 'dark' ? 'Light colours' : 'Dark colours';
  }
  page.themed.forEach(told => told());
}

function startTheme() {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const now = () => chosenTheme() || (system.matches ? 'dark' : 'light');
  setTheme(now());
  system.addEventListener('change', () => setTheme(now()));
}

function themeButton() {
  return el('button', {
    id: 'theme', type: 'button',
    click: () => {
      const other = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
      const isSystems = (other === 'dark') === matchMedia('(prefers-color-scheme: dark)').matches;
      try {
        // what the system says anyway goes on to follow the system
        isSystems ? localStorage.removeItem('djinn-theme') : localStorage.setItem('djinn-theme', other);
      } catch (e) {
        // it holds for this page then
      }
      setTheme(other);
    },
  }, document.documentElement.dataset.theme === 'dark' ? 'Light colours' : 'Dark colours');
}

/** The head: the name, facts as terms and values. */
function head(title, about, facts, status) {
  const list = el('dl', {class: 'facts'},
      facts.filter(fact => fact[1] !== '').map(([term, value]) => el('div', {}, el('dt', {}, term), el('dd', {}, value))));
  return [
    el('div', {class: 'top'}, el('div', {}, el('h1', {}, title), about ? el('p', {class: 'quiet'}, about) : null), themeButton()),
    status ? el('p', {class: 'status', id: 'status', role: 'status'}, status) : null,
    list,
  ].filter(Boolean);
}

/** A part of the page with its heading; the navigation leads there. */
function section(id, title, ...children) {
  return el('section', {id, 'aria-labelledby': id + '-title'}, el('h2', {id: id + '-title'}, title), children);
}

function navigate() {
  const links = [...document.querySelectorAll('main > section:not([hidden])')].map(part =>
      el('li', {}, el('a', {href: '#' + part.id}, part.querySelector('h2').textContent)));
  const nav = document.getElementById('nav');
  nav.replaceChildren(el('ul', {}, links));
  nav.hidden = links.length < 2;
}

function missing(part, why) {
  return el('div', {class: 'missing'}, el('p', {}, el('strong', {}, 'Missing: ' + part)), el('p', {}, why));
}

/** Buttons of which one is pressed. */
function choice(label, options, chosen, act) {
  const group = el('div', {class: 'row controls', role: 'group', 'aria-label': label});
  for (const [value, text] of options) {
    group.append(el('button', {
      type: 'button', 'aria-pressed': String(value === chosen),
      click: event => {
        group.querySelectorAll('button').forEach(each => each.setAttribute('aria-pressed', String(each === event.currentTarget)));
        act(value);
      },
    }, text));
  }
  return group;
}

/** A button that is pressed or not. */
function toggle(text, pressed, act) {
  const button = el('button', {
    type: 'button', 'aria-pressed': String(pressed),
    click: () => {
      const now = button.getAttribute('aria-pressed') !== 'true';
      button.setAttribute('aria-pressed', String(now));
      act(now);
    },
  }, text);
  return button;
}

/** What is made only when somebody opens it. */
function opened(title, make) {
  const details = el('details', {}, el('summary', {}, title));
  details.addEventListener('toggle', () => {
    if (details.open && details.children.length === 1) {
      details.append(make());
    }
  });
  return details;
}

function start() {
  startTheme();
  const shown = {run: showRun, comparison: showComparison, overview: showOverview}[page.data.kind];
  shown(page.data);
  navigate();
}
