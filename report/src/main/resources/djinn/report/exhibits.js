// What the task shows of its model: tables, what was taken for what, lines, pictures, texts.

const MOST_CELLS = 30;
const MOST_PAIRS = 20;
const MOST_TEXTS = 20;
const SMALL_PICTURE = 96;

function exhibit(part) {
  const made = {table: tableExhibit, matrix: matrixExhibit, curves: curvesExhibit, gallery: galleryExhibit,
    passages: passagesExhibit, cloud: cloudExhibit}[part.type](part);
  return part.type === 'curves' ? made : el('div', {class: 'part'},
      el('h3', {}, part.title), part.note ? el('p', {class: 'note'}, part.note) : null, made);
}

function tableExhibit(part) {
  return sortable(part.columns, part.rows, {label: part.title});
}

// ---- what was taken for what

function matrixExhibit(part) {
  const {names, counts} = part;
  const sums = counts.map(row => row.reduce((sum, count) => sum + count, 0));
  const told = el('p', {class: 'told', 'aria-live': 'polite'}, 'Point at a cell, or walk through the cells with the arrow keys.');
  const tell = (row, column) => {
    const share = sums[row] ? ' (' + (100 * counts[row][column] / sums[row]).toFixed(1) + ' %)' : '';
    const of = number(counts[row][column]) + ' of ' + number(sums[row]) + ' ';
    told.textContent = row === column
        ? of + names[row] + ' were recognised' + share
        : of + names[row] + ' were taken for ' + names[column] + share;
  };
  const confused = [];
  counts.forEach((row, i) => row.forEach((count, j) => {
    if (i !== j && count) {
      confused.push([names[i], names[j], count, sums[i] ? count / sums[i] : null]);
    }
  }));
  confused.sort((one, other) => other[2] - one[2]);
  const grid = names.length <= MOST_CELLS ? cells(part, sums, tell) : heat(part, sums, tell);
  return el('div', {}, el('p', {class: 'quiet'}, 'Rows are what is true, columns what the model said.'), grid, told,
      confused.length
        ? el('div', {}, el('h4', {}, confused.length > MOST_PAIRS
            ? 'The ' + MOST_PAIRS + ' pairs that are confused most, of ' + confused.length : 'What is confused'),
          sortable(['true', 'taken for', 'times', 'share of the class'],
            confused.slice(0, MOST_PAIRS).map(row => [row[0], row[1], row[2], shareCell(row[3])]), {label: 'Confused pairs of ' + part.title}))
        : el('p', {}, 'Nothing is confused.'));
}

function shareCell(value) {
  const cell = el('span', {}, value === null ? '–' : (100 * value).toFixed(1) + ' %');
  cell.sortValue = value;
  return cell;
}

/** Arrow keys walk through rows and columns. */
function walk(event, at, size, go) {
  const step = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key];
  if (step) {
    event.preventDefault();
    go(Math.max(0, Math.min(size - 1, at[0] + step[0])), Math.max(0, Math.min(size - 1, at[1] + step[1])));
  }
}

function cells(part, sums, tell) {
  const {names, counts} = part;
  let isShare = false;
  const all = counts.map((row, i) => row.map((count, j) => {
    const share = sums[i] ? count / sums[i] : 0;
    const cell = el('td', {tabindex: i || j ? '-1' : '0',
      focus: () => tell(i, j), mouseenter: () => tell(i, j),
      keydown: event => walk(event, [i, j], names.length, (to, across) => {
        cell.tabIndex = -1;
        all[to][across].tabIndex = 0;
        all[to][across].focus();
      })});
    if (count) {
      // the text stays on a ground that is pale enough to read it
      cell.style.background = 'rgba(var(--heat), ' + (0.06 + 0.34 * share).toFixed(3) + ')';
    }
    return cell;
  }));
  const fill = () => all.forEach((row, i) => row.forEach((cell, j) => {
    const count = counts[i][j];
    cell.textContent = !count ? '·' : isShare ? (100 * count / sums[i]).toFixed(1) + ' %' : number(count);
  }));
  fill();
  const isLong = names.some(name => name.length > 4);
  const table = el('table', {class: 'matrix'},
      el('thead', {}, el('tr', {class: isLong ? 'turned' : null}, el('td', {class: 'corner'}),
        names.map(name => el('th', {scope: 'col', title: name}, el('span', {}, name))))),
      el('tbody', {}, all.map((row, i) => el('tr', {}, el('th', {scope: 'row', title: names[i]}, names[i]), row))));
  return el('div', {},
      choice('Cells of ' + part.title, [[false, 'Counts'], [true, 'Shares of a row']], false, share => {
        isShare = share;
        fill();
      }),
      el('div', {class: 'scroll', role: 'region', 'aria-label': part.title}, table));
}

/** A cell a few pixels wide for each pair, for hundreds of classes. */
function heat(part, sums, tell) {
  const {names, counts} = part;
  const side = Math.max(4, Math.min(14, Math.floor(1100 / names.length)));
  const canvas = el('canvas', {class: 'heat', width: side * names.length, height: side * names.length, tabindex: '0', role: 'img',
    'aria-label': part.title + ': ' + names.length + ' by ' + names.length + ' cells; arrow keys walk through them'});
  let at = [0, 0];
  const draw = () => {
    const pen = canvas.getContext('2d');
    pen.clearRect(0, 0, canvas.width, canvas.height);
    const heatColour = colour('--heat');
    counts.forEach((row, i) => row.forEach((count, j) => {
      if (count) {
        pen.fillStyle = 'rgba(' + heatColour + ', ' + (0.15 + 0.85 * count / sums[i]) + ')';
        pen.fillRect(j * side, i * side, side, side);
      }
    }));
    if (document.activeElement === canvas) {
      pen.strokeStyle = colour('--text');
      pen.strokeRect(at[1] * side + 0.5, at[0] * side + 0.5, side - 1, side - 1);
    }
  };
  const go = (row, column) => {
    at = [row, column];
    tell(row, column);
    draw();
  };
  canvas.addEventListener('mousemove', event => {
    const place = canvas.getBoundingClientRect();
    const row = Math.floor((event.clientY - place.top) / side);
    const column = Math.floor((event.clientX - place.left) / side);
    if (row >= 0 && column >= 0 && row < names.length && column < names.length) {
      tell(row, column);
    }
  });
  canvas.addEventListener('keydown', event => walk(event, at, names.length, go));
  canvas.addEventListener('focus', () => go(...at));
  canvas.addEventListener('blur', draw);
  page.themed.push(draw);
  draw();
  return el('div', {class: 'scroll'}, canvas);
}

// ---- lines

function curvesExhibit(part) {
  const tables = part.series.filter(line => line.x.length).map(line => {
    const span = line.x[line.x.length - 1] - line.x[0] || 1;
    const xs = [];
    // an upright step has one x twice; a hair's breadth keeps both
    line.x.forEach((x, i) => xs.push(i && x <= xs[i - 1] ? xs[i - 1] + span * 1e-9 : x));
    return [xs, line.y];
  });
  const joined = tables.length ? uPlot.join(tables) : [[]];
  const all = part.series.flatMap(line => [...line.x, ...line.y]).filter(value => value !== null);
  const isUnit = all.length > 0 && all.every(value => value >= 0 && value <= 1);
  return lineChart({title: part.title, note: part.note, x: part.x, xs: joined[0],
    series: part.series.filter(line => line.x.length).map((line, i) => ({name: line.name, values: joined[i + 1]})),
    range: isUnit ? [0, 1.02] : null, diagonal: part.diagonal, canLog: !isUnit});
}

// ---- pictures

function verdict(of) {
  return of === 'none' ? null : el('span', {class: 'verdict ' + of}, of === 'right' ? '✓ right' : '✗ wrong');
}

/** Which of some things are shown, where some are right and some are wrong. */
function filtered(label, things, show) {
  const count = kind => things.filter(thing => thing.verdict === kind).length;
  if (!count('wrong') && !count('right')) {
    show(things);
    return null;
  }
  show(things);
  return choice('Which of ' + label, [['all', 'All ' + things.length], ['wrong', 'Wrong ' + count('wrong')], ['right', 'Right ' + count('right')]],
      'all', kind => show(things.filter(thing => kind === 'all' || thing.verdict === kind)));
}

function galleryExhibit(part, isLarge) {
  const list = el('ul', {class: 'tiles' + (isLarge || part.pictures.some(of => of.width > SMALL_PICTURE) ? ' large' : ''), 'aria-label': part.title});
  const show = shown => list.replaceChildren(...shown.map((picture, i) => el('li', {}, tile(picture, () => view(shown, i)))));
  const controls = filtered(part.title, part.pictures, show);
  return el('div', {}, part.smaller ? el('p', {class: 'note'}, part.smaller) : null, controls, list,
      part.pictures.length ? null : el('p', {class: 'quiet'}, 'There are none.'));
}

function picture(of, alt) {
  const isSmall = of.width > 0 && Math.max(of.width, of.height) <= SMALL_PICTURE;
  return el('img', {src: of.source, alt, loading: 'lazy', decoding: 'async', width: of.width || null, height: of.height || null,
    class: isSmall ? 'pixels' : null});
}

function tile(of, open) {
  return el('button', {type: 'button', class: 'tile', click: open, 'aria-label': 'Enlarge ' + of.name + (of.caption ? ': ' + of.caption : '')
      + (of.verdict === 'none' ? '' : ', ' + of.verdict)},
    el('span', {class: 'frame'}, picture(of, '')), verdict(of.verdict), el('span', {class: 'said'}, of.caption || of.name));
}

/** Shows a picture large; the arrow keys go on to the next. */
function view(pictures, first) {
  const dialog = document.getElementById('viewer');
  let at = first;
  const fill = () => {
    const of = pictures[at];
    const image = picture(of, of.caption || of.name);
    image.loading = 'eager';
    if (image.classList.contains('pixels')) {
      const times = Math.max(1, Math.floor(Math.min(420 / of.height, Math.min(innerWidth * 0.8, 700) / of.width)));
      image.width = of.width * times;
      image.height = of.height * times;
    } else {
      image.removeAttribute('width');
      image.removeAttribute('height');
    }
    dialog.replaceChildren(
        el('div', {class: 'top'}, el('h2', {id: 'viewer-name'}, of.name), el('button', {type: 'button', click: () => dialog.close()}, 'Close')),
        el('div', {class: 'frame'}, image),
        el('p', {'aria-live': 'polite'}, of.caption || '', ' ', verdict(of.verdict)),
        el('div', {class: 'row'},
            el('button', {type: 'button', disabled: at === 0, click: () => go(-1), 'aria-label': 'Previous picture'}, '← Previous'),
            el('button', {type: 'button', disabled: at === pictures.length - 1, click: () => go(1), 'aria-label': 'Next picture'}, 'Next →'),
            el('span', {class: 'quiet'}, (at + 1) + ' of ' + pictures.length)));
  };
  const go = step => {
    at = Math.max(0, Math.min(pictures.length - 1, at + step));
    fill();
    dialog.focus();
  };
  dialog.onkeydown = event => {
    const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (step) {
      event.preventDefault();
      go(step);
    }
  };
  fill();
  if (!dialog.open) {
    dialog.showModal();
  }
}

// ---- texts

function passagesExhibit(part) {
  const list = el('ol', {class: 'passages', 'aria-label': part.title});
  const more = el('button', {type: 'button'}, '');
  let shown = [];
  let most = MOST_TEXTS;
  const fill = () => {
    list.replaceChildren(...shown.slice(0, most).map(passage => el('li', {}, verdict(passage.verdict),
        el('dl', {}, [['given', passage.given], ['expected', passage.expected], ['answered', passage.answered]]
            .filter(([name, text]) => text !== '' || name === 'answered' && passage.expected !== '')
            .flatMap(([name, text]) => [el('dt', {}, name), el('dd', {}, text)])),
        passage.caption ? el('p', {class: 'about'}, passage.caption) : null)));
    more.hidden = shown.length <= most;
    more.textContent = 'Show ' + (shown.length - most) + ' more';
  };
  more.addEventListener('click', () => {
    most = shown.length;
    fill();
  });
  const controls = filtered(part.title, part.passages, some => {
    shown = some;
    fill();
  });
  return el('div', {}, controls, list, more);
}
