// Points of the plane: groups by colour and shape, the nearest point's name.

const CLOUD_HEIGHT = 460;
const MOST_NAMES = 60;
const MOST_ROWS = 500;

const SHAPES = [
  (pen, x, y, r) => pen.arc(x, y, r, 0, 7),
  (pen, x, y, r) => pen.rect(x - r, y - r, 2 * r, 2 * r),
  (pen, x, y, r) => { pen.moveTo(x, y - 1.3 * r); pen.lineTo(x + 1.2 * r, y + r); pen.lineTo(x - 1.2 * r, y + r); pen.closePath(); },
];

function cloudExhibit(part) {
  const points = part.points;
  const groups = [...new Set(points.map(point => point.group))];
  const hidden = new Set();
  const told = el('p', {class: 'told', 'aria-live': 'polite'}, 'Point at a dot to read what it is; the arrow keys go from one to the next.');
  const canvas = el('canvas', {class: 'cloud', role: 'img', tabindex: '0',
    'aria-label': part.title + ': ' + points.length + ' points' + (groups.length > 1 ? ' of ' + groups.length + ' groups' : '')});
  const legend = el('ul', {class: 'legend', 'aria-label': 'Groups of ' + part.title});
  const spread = key => points.reduce((range, point) => [Math.min(range[0], point[key]), Math.max(range[1], point[key])], [Infinity, -Infinity]);
  const [left, right] = spread('x');
  const [bottom, top] = spread('y');
  let chosen = -1;

  const place = point => {
    const edge = 24;
    const width = canvas.clientWidth;
    // one scale for both, so that distances are what they are
    const scale = Math.min((width - 2 * edge) / (right - left || 1), (CLOUD_HEIGHT - 2 * edge) / (top - bottom || 1));
    return [width / 2 + (point.x - (left + right) / 2) * scale, CLOUD_HEIGHT / 2 - (point.y - (bottom + top) / 2) * scale];
  };

  function draw() {
    const width = canvas.clientWidth;
    if (!width) {
      return;
    }
    const dpr = devicePixelRatio || 1;
    canvas.width = width * dpr;
    canvas.height = CLOUD_HEIGHT * dpr;
    const pen = canvas.getContext('2d');
    pen.scale(dpr, dpr);
    pen.clearRect(0, 0, width, CLOUD_HEIGHT);
    const radius = points.length > 2000 ? 2 : points.length > 300 ? 3 : 4.5;
    points.forEach((point, i) => {
      if (hidden.has(point.group)) {
        return;
      }
      const group = groups.indexOf(point.group);
      const [x, y] = place(point);
      pen.beginPath();
      SHAPES[Math.floor(group / SERIES) % SHAPES.length](pen, x, y, i === chosen ? radius + 3 : radius);
      pen.globalAlpha = i === chosen ? 1 : 0.75;
      pen.fillStyle = seriesColour(group);
      pen.fill();
      pen.globalAlpha = 1;
    });
    if (points.filter(point => point.name && !hidden.has(point.group)).length <= MOST_NAMES) {
      name(pen, width);
    }
  }

  /** Names where there is room for them. */
  function name(pen, width) {
    pen.font = '12px system-ui, "Liberation Sans", sans-serif';
    pen.fillStyle = colour('--text');
    const taken = [];
    for (const point of points) {
      const [x, y] = place(point);
      const wide = pen.measureText(point.name).width;
      const start = x + 8 + wide > width ? x - 8 - wide : x + 8;
      const isFree = taken.every(([a, b, c]) => start + wide < a || start > b || Math.abs(y - c) > 13);
      if (point.name && !hidden.has(point.group) && isFree) {
        taken.push([start, start + wide, y]);
        pen.fillText(point.name, start, y + 4);
      }
    }
  }

  function choose(i) {
    chosen = i;
    const point = points[i];
    told.textContent = [point.name, point.group].filter(Boolean).join(', ') + ' (' + number(point.x) + ', ' + number(point.y) + ')';
    draw();
  }

  canvas.addEventListener('mousemove', event => {
    const box = canvas.getBoundingClientRect();
    let nearest = -1;
    let distance = 30 * 30;
    points.forEach((point, i) => {
      const [x, y] = place(point);
      const own = (x - event.clientX + box.left) ** 2 + (y - event.clientY + box.top) ** 2;
      if (own < distance && !hidden.has(point.group)) {
        nearest = i;
        distance = own;
      }
    });
    if (nearest >= 0 && nearest !== chosen) {
      choose(nearest);
    }
  });
  canvas.addEventListener('keydown', event => {
    const step = {ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1}[event.key];
    if (step) {
      event.preventDefault();
      choose((chosen + step + points.length) % points.length);
    }
  });
  if (groups.length > 1) {
    legend.append(...groups.map((group, i) => el('li', {}, el('button', {type: 'button', 'aria-pressed': 'true', click: event => {
      const shown = hidden.has(group);
      hidden[shown ? 'delete' : 'add'](group);
      event.currentTarget.setAttribute('aria-pressed', String(shown));
      draw();
    }}, dot(i), el('span', {class: 'name'}, group || 'no group')))));
  }
  canvas.style.height = CLOUD_HEIGHT + 'px';
  new ResizeObserver(draw).observe(canvas);
  page.themed.push(draw);
  const rows = points.slice(0, MOST_ROWS).map(point => [point.name || '–', point.group || '–', point.x, point.y]);
  return el('div', {}, canvas, told, legend, opened('Numbers of ' + part.title, () => sortable(['name', 'group', 'x', 'y'], rows, {
    caption: points.length > MOST_ROWS ? 'The first ' + MOST_ROWS + ' of ' + points.length + ' points' : part.title})));
}

function dot(i) {
  const canvas = el('canvas', {width: 28, height: 28, 'aria-hidden': 'true'});
  canvas.style.width = canvas.style.height = '14px';
  const draw = () => {
    const pen = canvas.getContext('2d');
    pen.clearRect(0, 0, 28, 28);
    pen.beginPath();
    SHAPES[Math.floor(i / SERIES) % SHAPES.length](pen, 14, 14, 9);
    pen.fillStyle = seriesColour(i);
    pen.fill();
  };
  page.themed.push(draw);
  draw();
  return canvas;
}
