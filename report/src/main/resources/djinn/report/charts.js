// Lines over one axis: zoom by dragging or with + and -, values under the cursor, a logarithmic axis, the numbers as a table.

const CHART_HEIGHT = 250;
const WHOLE_STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000];

/** Charts are drawn when they come near: a page of forty opens as fast as one of two. */
const nearby = new IntersectionObserver(entries => entries.filter(entry => entry.isIntersecting).forEach(entry => {
  nearby.unobserve(entry.target);
  entry.target.draw && entry.target.draw();
}), {rootMargin: '600px'});

addEventListener('beforeprint', () => document.querySelectorAll('.chart').forEach(each => each.draw && each.draw()));

function swatch(i) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('width', '26');
  svg.setAttribute('height', '10');
  svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'line');
  for (const [key, value] of Object.entries({x1: 0, y1: 5, x2: 26, y2: 5, 'stroke-width': 3})) {
    line.setAttribute(key, value);
  }
  line.style.stroke = 'var(--s' + (i % SERIES + 1) + ')';
  line.style.strokeDasharray = seriesDash(i).join(' ');
  svg.append(line);
  return svg;
}

/**
 * A chart.
 *
 * spec: title, note, x (what the axis across is called), xs, series (name, values), and if need be: whole (whether xs are
 * whole numbers), best (where to mark), share (values are shares, told in per cent), isLog (how it begins),
 * canLog (whether it may be logarithmic), about (a few words beside the buttons), range (of the axis upwards), diagonal (a line to compare with).
 */
function lineChart(spec) {
  let plot = null;
  let isLog = Boolean(spec.isLog) && positive(spec);
  const hidden = new Set();
  const box = el('div', {class: 'chart', role: 'img', tabindex: '0', keydown: key});
  const at = el('p', {class: 'at', 'aria-live': 'polite'});
  const legend = el('ul', {class: 'legend', 'aria-label': 'Lines of ' + spec.title});
  const whole = el('button', {type: 'button', disabled: true, click: unzoom, 'aria-label': 'Show all of ' + spec.title}, 'Show all');
  const log = toggle('Logarithmic', isLog, now => {
    isLog = now;
    redraw();
  });
  log.setAttribute('aria-label', 'Logarithmic axis of ' + spec.title);
  const numbers = el('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Numbers of ' + spec.title});
  const details = el('details', {}, el('summary', {}, 'Numbers of ' + spec.title));
  details.append(numbers);
  details.addEventListener('toggle', () => details.open && fillNumbers());
  let values = [];

  function positive(of) {
    return of.series.every(line => line.values.every(value => value === null || value === undefined || value > 0));
  }

  function key(event) {
    if (!plot || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const last = spec.xs.length - 1;
    const idx = plot.cursor.idx ?? last;
    const steps = {ArrowLeft: -1, ArrowRight: 1, Home: -last - 1, End: last + 1}[event.key];
    if (steps !== undefined) {
      move(Math.max(0, Math.min(last, idx + steps)));
    } else if (event.key === '+' || event.key === '-') {
      const {min, max} = plot.scales.x;
      const half = (max - min) * (event.key === '+' ? 0.25 : 1);
      const centre = Math.max(min, Math.min(max, spec.xs[idx]));
      plot.setScale('x', {
        min: Math.max(spec.xs[0], centre - half), max: Math.min(spec.xs[last], centre + half)});
    } else if (event.key === '0' || event.key === 'Escape') {
      unzoom();
    } else {
      return;
    }
    event.preventDefault();
  }

  function move(idx) {
    plot.setCursor({left: plot.valToPos(spec.xs[idx], 'x'), top: plot.over.clientHeight / 2});
  }

  function unzoom() {
    plot.setScale('x', {min: spec.xs[0], max: spec.xs[spec.xs.length - 1]});
  }

  const isZoomed = () => plot && spec.xs.length > 1
      && (plot.scales.x.min > spec.xs[0] || plot.scales.x.max < spec.xs[spec.xs.length - 1]);

  function told(value) {
    return spec.share ? figure('accuracy', value) : number(value);
  }

  function tell() {
    const last = spec.xs.length - 1;
    const idx = plot && plot.cursor.left >= 0 && plot.cursor.idx !== null ? plot.cursor.idx : last;
    at.textContent = spec.xs.length ? spec.x + ' ' + number(spec.xs[idx]) : '';
    values.forEach((cell, i) => {
      // between the points of its own, a line of another spacing has the last before
      let from = idx;
      while (from > 0 && spec.series[i].values[from] === undefined) {
        from--;
      }
      cell.textContent = told(spec.series[i].values[from]);
    });
  }

  function options() {
    const dpr = devicePixelRatio || 1;
    const axis = {stroke: () => colour('--quiet'), grid: {stroke: () => colour('--line'), width: 1},
      ticks: {stroke: () => colour('--line'), width: 1}, font: '12px system-ui, "Liberation Sans", sans-serif'};
    return {
      width: Math.max(box.clientWidth, 120),
      height: CHART_HEIGHT,
      legend: {show: false},
      cursor: {drag: {x: true, y: false}, points: {size: 8}},
      scales: {
        x: {time: false, range: (u, min, max) => min === max ? [min - 0.5, max + 0.5] : [min, max]},
        y: Object.assign({distr: isLog ? 3 : 1}, spec.range && !isLog ? {range: spec.range} : {}),
      },
      axes: [
        Object.assign({}, axis, {size: 34, values: (u, ticks) => ticks.map(number)}, spec.whole ? {incrs: WHOLE_STEPS} : {}),
        Object.assign({}, axis, {
          values: (u, ticks) => ticks.map(tick =>
              tick === null ? '' : spec.share ? Number((100 * tick).toPrecision(6)) + ' %' : number(tick)),
          size: (u, ticks) => ticks ? 18 + 7 * Math.max(...ticks.map(tick => String(tick).length)) : 50,
        }),
      ],
      series: [{}].concat(spec.series.map((line, i) => ({
        label: line.name,
        show: !hidden.has(line.name),
        stroke: () => seriesColour(i),
        width: 2,
        dash: seriesDash(i),
        points: {show: spec.xs.length <= 30 && spec.whole, size: 6, fill: () => colour('--ground')},
      }))),
      hooks: {
        draw: [u => mark(u, dpr)],
        setCursor: [tell],
        setScale: [(u, which) => {
          if (which === 'x') {
            whole.disabled = !isZoomed();
          }
        }],
      },
    };
  }

  /** The best epoch, and a diagonal to compare with. */
  function mark(u, dpr) {
    const pen = u.ctx;
    pen.save();
    pen.beginPath();
    pen.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
    pen.clip();
    pen.lineWidth = dpr;
    pen.strokeStyle = colour('--quiet');
    pen.setLineDash([4 * dpr, 4 * dpr]);
    pen.beginPath();
    if (spec.diagonal) {
      pen.moveTo(u.valToPos(0, 'x', true), u.valToPos(0, 'y', true));
      pen.lineTo(u.valToPos(1, 'x', true), u.valToPos(1, 'y', true));
    }
    if (spec.best) {
      const x = u.valToPos(spec.best, 'x', true);
      pen.moveTo(x, u.bbox.top);
      pen.lineTo(x, u.bbox.top + u.bbox.height);
      pen.font = 12 * dpr + 'px system-ui, "Liberation Sans", sans-serif';
      pen.fillStyle = colour('--text');
      const isRight = x > u.bbox.left + u.bbox.width / 2;
      pen.textAlign = isRight ? 'right' : 'left';
      pen.fillText('best', x + (isRight ? -5 : 5) * dpr, u.bbox.top + 12 * dpr);
    }
    pen.stroke();
    pen.restore();
  }

  function data() {
    return [spec.xs, ...spec.series.map(line => line.values)];
  }

  function redraw() {
    const kept = isZoomed() ? {min: plot.scales.x.min, max: plot.scales.x.max} : null;
    if (plot) {
      plot.destroy();
      plot = null;
    }
    if (spec.xs.length) {
      plot = new uPlot(options(), data(), box);
      if (kept) {
        plot.setScale('x', kept);
      }
    }
  }

  function describe() {
    box.setAttribute('aria-label', spec.title + ' over ' + spec.x + ', ' + spec.xs.length + ' points, lines: '
        + spec.series.map(line => line.name).join(', ')
        + (spec.best ? '; best at ' + number(spec.best) : '') + '. Left and right move the cursor, plus and minus zoom.');
    log.disabled = !positive(spec);
    log.hidden = !spec.canLog;
    log.title = log.disabled ? 'Some values are zero or below' : '';
    values = spec.series.map(() => el('span', {class: 'value'}));
    legend.replaceChildren(...spec.series.map((line, i) => el('li', {}, el('button', {
      type: 'button', 'aria-pressed': String(!hidden.has(line.name)),
      click: event => {
        const shown = hidden.has(line.name);
        hidden[shown ? 'delete' : 'add'](line.name);
        event.currentTarget.setAttribute('aria-pressed', String(shown));
        if (plot) {
          plot.setSeries(i + 1, {show: shown});
        }
      },
    }, swatch(i), el('span', {class: 'name'}, line.name), values[i]))));
    tell();
  }

  function fillNumbers() {
    const cells = (cell, values) => values.map((value, i) => el(cell, {class: 'num', scope: i ? null : 'row'}, value));
    const shown = spec.xs.map((x, row) => [number(x)].concat(spec.series.map(line => told(line.values[row]))));
    const most = 1000;
    numbers.replaceChildren(el('table', {class: 'list'},
        el('caption', {class: 'quiet'}, shown.length > most ? 'The last ' + most + ' of ' + shown.length : spec.title),
        el('thead', {}, el('tr', {}, [spec.x].concat(spec.series.map(line => line.name)).map(name => el('th', {class: 'num', scope: 'col'}, name)))),
        el('tbody', {}, shown.slice(-most).map(row => el('tr', {}, el('th', {class: 'num', scope: 'row'}, row[0]), cells('td', row.slice(1)))))));
  }

  box.draw = () => {
    delete box.draw;
    redraw();
    new ResizeObserver(() => plot && box.clientWidth && Math.abs(plot.width - box.clientWidth) > 1
        && plot.setSize({width: box.clientWidth, height: CHART_HEIGHT})).observe(box);
    page.themed.push(() => plot && plot.redraw());
  };
  describe();
  nearby.observe(box);
  const element = el('div', {class: 'part'},
      el('h3', {}, spec.title),
      spec.note ? el('p', {class: 'note'}, spec.note) : null,
      el('div', {class: 'row controls'}, log, whole, at, spec.about ? el('p', {class: 'at'}, '· ' + spec.about) : null),
      box, legend, details);
  element.chart = {
    title: spec.title,
    /** Takes newer values of the same lines; a zoom stays. */
    update(newer) {
      const sameLines = newer.series.map(line => line.name).join() === spec.series.map(line => line.name).join();
      const zoomed = isZoomed();
      spec = newer;
      if (!sameLines || values.length !== newer.series.length) {
        describe();
      }
      if (plot && sameLines) {
        plot.setData(data(), !zoomed);
        plot.redraw();
      } else if (!box.draw) {
        redraw();
      }
      log.disabled = !positive(spec);
      whole.disabled = !isZoomed();
      tell();
      if (details.open) {
        fillNumbers();
      }
    },
    plot: () => plot,
  };
  return element;
}
