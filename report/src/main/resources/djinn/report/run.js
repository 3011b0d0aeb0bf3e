// The page of a run, still or growing, and that of several beside each other.

const POLL_MILLIS = 2000;

/** The charts of a run's results: one for each figure, then the learning rate and the times. */
function resultCharts({results, facts}) {
  const goal = facts.figure;
  // where no figure tells, the newest weights are kept, and there is nothing to mark
  const best = goal ? facts.bestEpoch : null;
  const names = Object.keys(results).filter(name => results[name].some(value => value !== null));
  const figures = [...new Set(names.filter(name => /^(train|val)_/.test(name)).map(name => name.replace(/^(train|val)_/, '')))];
  const line = (column, name) => names.includes(column) ? [{name, values: results[column]}] : [];
  const base = {x: 'epoch', xs: results.epoch || [], whole: true, best, canLog: true};
  const charts = figures.map(of => ({...base, title: titled(of), about: of === goal ? 'tells the best weights' : '', share: isShare(of),
    series: [...line('train_' + of, 'training'), ...line('val_' + of, 'validation')]}));
  for (const name of names.filter(each => each === 'lr' || each === 'seconds' || each.endsWith('_per_s'))) {
    const title = name === 'lr' ? 'Learning rate' : name === 'seconds' ? 'Seconds of an epoch' : titled(name.replace(/_per_s$/, '')) + ' per second';
    charts.push({...base, title, series: [{name: title.toLowerCase(), values: results[name]}]});
  }
  return charts;
}

/** What stands in the head; a page that grows tells the state above it, where changes are announced. */
function runFacts(facts, made) {
  const best = facts.figure && facts.best !== null
      ? figure(facts.figure, facts.best) + ' at epoch ' + facts.bestEpoch : facts.bestEpoch ? 'the newest, epoch ' + facts.bestEpoch : '–';
  return [
    ['task', words(facts.task)],
    ['model', facts.model],
    [facts.figure ? 'best ' + words(facts.figure) : 'best', best],
    ['epochs', facts.epochsDone + (facts.epochsAsked ? ' of ' + facts.epochsAsked : '')],
    ['time in epochs', facts.epochsDone ? duration(facts.seconds) : '–'],
    ['began', facts.began ? facts.began.replace('T', ' ') : ''],
    ['state', made ? facts.state : ''],
    ['size on disk', bytes(facts.bytes)],
    ['this page', made ? made.replace('T', ' ') : ''],
  ];
}

function curvesSection(data) {
  const box = el('div', {class: 'grid'});
  const about = el('p', {class: 'note'});
  const fill = run => box.replaceChildren(...resultCharts(run).map(lineChart));
  const tell = facts => {
    about.textContent = !facts.epochsDone ? 'No epoch is over yet.' : 'Drag across a chart to look closer; a click on a name hides its line.'
        + (facts.bestEpoch && facts.figure ? ' The dashed line is the best epoch.' : '');
  };
  fill(data.run);
  tell(data.run.facts);
  const made = section('curves', 'Curves', about, box);
  made.update = run => {
    tell(run.facts);
    const charts = resultCharts(run);
    const shown = [...box.children].map(each => each.chart);
    if (charts.map(chart => chart.title).join() === shown.map(chart => chart.title).join()) {
      charts.forEach((chart, i) => shown[i].update(chart));
    } else {
      fill(run);
    }
  };
  return made;
}

function recipeSection(run) {
  const lines = run.recipe;
  const isKnown = lines.some(line => line.mark !== 'UNKNOWN');
  const says = {USUAL: 'default', CHANGED: 'changed', GIVEN: 'must be given', UNKNOWN: ''};
  const row = line => [line.key, mono(line.value), says[line.mark], line.mark === 'CHANGED' ? mono(line.usual) : '', line.meaning];
  const box = el('div');
  const fill = onlyChanged => box.replaceChildren(sortable(['key', 'value', 'is', 'default', 'meaning'],
      lines.filter(line => !onlyChanged || line.mark !== 'USUAL').map(row),
      {label: 'Recipe', classes: ['mono', '', 'tag', '', 'wide'], rowClass: cells => cells[2] === 'changed' ? 'changed' : null}));
  fill(false);
  const changed = lines.filter(line => line.mark === 'CHANGED').length;
  return section('recipe', 'Recipe',
      isKnown ? el('p', {class: 'note'}, changed + ' of ' + lines.length + ' keys are not at their defaults; these are marked.') : null,
      isKnown ? el('div', {class: 'row controls'}, toggle('Hide defaults', false, fill)) : null, box,
      run.changes.length ? el('div', {class: 'part'}, el('h3', {}, 'Changed when the run went on'),
          sortable(['when', 'step', 'key', 'before', 'after'], run.changes.map(each => [each.at, each.step, each.key, each.before, each.after]), {label: 'Changes'})) : null);
}

function mono(text) {
  const made = el('span', {class: 'mono'}, text);
  made.sortValue = text;
  return made;
}

function environmentSection(run) {
  const rows = Object.entries(run.environment);
  return section('environment', 'Environment', rows.length
      ? pairs('Environment', rows)
      : el('p', {}, 'The folder has no provenance.yaml that can be read, so versions and machine are not known.'));
}

function picturesSection(data) {
  const box = el('div');
  const made = section('pictures', 'Pictures of the run', box);
  made.update = newer => {
    const sources = newer.pictures.map(each => each.source).join();
    if (made.sources !== sources) {
      made.sources = sources;
      box.replaceChildren(
          newer.sheetsLeftOut ? el('p', {class: 'note'}, newer.sheetsLeftOut + ' sheets of other epochs lie in the folder samples.') : '',
          galleryExhibit({title: 'Pictures of the run', pictures: newer.pictures, smaller: newer.picturesSmaller}, true));
    }
    made.hidden = !newer.pictures.length;
  };
  made.update(data);
  return made;
}

function logSection(run) {
  const text = el('pre', {tabindex: '0', role: 'region', 'aria-label': 'Log'});
  const above = el('p', {class: 'note'});
  const made = section('log', 'Log', above, text);
  made.update = newer => {
    const isAtEnd = text.scrollTop + text.clientHeight >= text.scrollHeight - 4;
    above.textContent = newer.logLeftOut ? 'The last ' + newer.log.length + ' lines; ' + newer.logLeftOut + ' before them are in train.log.' : '';
    text.textContent = newer.log.join('\n') || 'There is none.';
    if (isAtEnd) {
      text.scrollTop = text.scrollHeight;
    }
  };
  made.update(run);
  return made;
}

function showRun(data) {
  const {run} = data;
  const facts = run.facts;
  const status = data.live ? facts.state : null;
  const about = words(facts.task) + (facts.model ? ' · ' + facts.model : '');
  document.getElementById('head').replaceChildren(
      ...(data.live ? [el('p', {}, el('a', {href: '/'}, '← All runs'))] : []), ...head(facts.name, about, runFacts(facts, data.made), status));
  const main = document.getElementById('main');
  const lacks = (data.missing || []).map(each => missing(each.part, each.why));
  const curves = curvesSection(data);
  const pictures = picturesSection(data);
  const log = logSection(run);
  const parts = [curves];
  if (data.live) {
    parts.push(hint(data));
  } else if (data.exhibits.length) {
    parts.push(section('exhibits', 'What the model does', data.exhibits.map(exhibit)));
  }
  parts.push(pictures);
  if (data.summary) {
    parts.push(section('layers', 'Layers', data.summary.totals.map(line => el('p', {}, line)),
        sortable(data.summary.columns, data.summary.rows.map(row => row.map(layerCell)), {label: 'Layers', classes: ['', '', '', 'num', 'num', 'num', 'num']})));
  }
  parts.push(recipeSection(run), environmentSection(run), log);
  main.replaceChildren(...lacks, ...parts);
  document.getElementById('foot').textContent = 'Written by Djinn from ' + facts.path
      + (facts.changed ? ', last changed ' + facts.changed.replace('T', ' ').replace('Z', ' UTC') : '') + '.';
  if (data.live) {
    poll('data.json', newer => {
      const head2 = runFacts(newer.run.facts);
      document.querySelector('#head dl').replaceWith(head('', '', head2).pop());
      document.getElementById('status').textContent = newer.run.facts.state;
      curves.update(newer.run);
      pictures.update(newer);
      log.update(newer.run);
      document.getElementById('report').replaceWith(hint(newer));
      navigate();
    });
  }
}

/** Counts are sorted by size, not by their letters. */
function layerCell(text, column) {
  if (column < 3 || text === '') {
    return text;
  }
  const cell = el('span', {}, text);
  cell.sortValue = Number.parseFloat(text.replaceAll(',', ''));
  return Number.isNaN(cell.sortValue) ? text : cell;
}

function hint(data) {
  const facts = data.run.facts;
  return section('report', 'Report', el('div', {class: 'hint'}, el('p', {}, 'Mistakes, examples, curves and layers of the model are in its report: '),
      el('p', {}, el('code', {}, 'djinn report ' + facts.path)),
      data.hasReport ? el('p', {}, el('a', {href: 'report.html'}, 'The report that lies in the folder')) : null));
}

/** Asks again and again; what is unchanged costs the server a look at the files' times. */
function poll(address, take) {
  let stamp = null;
  const ask = async () => {
    let wait = POLL_MILLIS * (document.hidden ? 5 : 1);
    try {
      const answer = await fetch(address, {headers: stamp ? {'If-None-Match': stamp} : {}, cache: 'no-store'});
      if (answer.ok) {
        stamp = answer.headers.get('ETag');
        const newer = await answer.json();
        page.data = newer;
        take(newer);
      }
      page.lost = false;
    } catch (e) {
      const status = document.getElementById('status');
      if (!page.lost && status) {
        status.textContent = status.textContent + ' · the command that served this page is over; what is shown is its last';
      }
      page.lost = true;
      wait = 5 * POLL_MILLIS;
    }
    setTimeout(ask, wait);
  };
  setTimeout(ask, POLL_MILLIS);
}

// ---- several runs

function showComparison(data) {
  const {runs, names} = data;
  document.getElementById('head').replaceChildren(...head('Comparison of ' + runs.length + ' runs', names.join(', '), [['this page', data.made.replace('T', ' ')]]));
  const main = document.getElementById('main');
  main.replaceChildren(
      ...data.missing.map(each => missing(each.part, each.why)),
      section('figures', 'Best figures', bestTable(runs, names)),
      section('curves', 'Curves', el('p', {class: 'note'}, 'Figures on the held-out data, then those of training.'),
          el('div', {class: 'grid'}, comparedCharts(runs, names).map(lineChart))),
      section('recipes', 'What differs in the recipes', data.differences.length
          ? sortable(['key', ...names], data.differences.map(row => [row.key, ...row.values.map(value => value === '' ? mono('–') : mono(value))]),
              {label: 'Differences', classes: ['mono']})
          : el('p', {}, 'Nothing: the recipes are the same.')));
  document.getElementById('foot').textContent = 'Written by Djinn from ' + runs.map(run => run.facts.path).join(', ') + '.';
}

function bestTable(runs, names) {
  const figures = [...new Set(runs.flatMap(run => Object.keys(run.results)).filter(name => name.startsWith('val_')))];
  const told = (name, value) => {
    const cell = el('span', {}, figure(name, value));
    cell.sortValue = value ?? null;
    return cell;
  };
  const rows = runs.map((run, i) => {
    const {facts, results} = run;
    const at = (facts.bestEpoch || 0) - 1;
    const time = el('span', {}, facts.epochsDone ? duration(facts.seconds) : '–');
    time.sortValue = facts.seconds;
    return [names[i], facts.state, facts.bestEpoch ?? null, ...figures.map(name => told(name, results[name] ? results[name][at] : null)),
      facts.epochsDone, time];
  });
  return el('div', {}, el('p', {class: 'note'}, 'The figures of each run at its own best epoch.'),
      sortable(['run', 'state', 'best epoch', ...figures.map(name => words(name.replace(/^val_/, ''))), 'epochs', 'time'], rows, {label: 'Best figures'}));
}

function comparedCharts(runs, names) {
  const columns = [...new Set(runs.flatMap(run => Object.keys(run.results)))].filter(name => !['epoch', 'step'].includes(name))
      .filter(name => runs.some(run => (run.results[name] || []).some(value => value !== null)));
  const rank = name => name.startsWith('val_') ? 0 : name.startsWith('train_') ? 1 : 2;
  columns.sort((one, other) => rank(one) - rank(other));
  return columns.map(column => {
    const having = runs.map((run, i) => [names[i], run.results.epoch, run.results[column], i]).filter(line => line[1] && line[2]);
    const joined = uPlot.join(having.map(line => [line[1], line[2]]));
    const series = names.map((name, i) => {
      const place = having.findIndex(line => line[3] === i);
      return {name, values: place < 0 ? joined[0].map(() => null) : joined[place + 1]};
    });
    return {title: titled(column.replace(/^val_/, 'validation_').replace(/^train_/, 'training_').replace(/_per_s$/, ' per second').replace(/^lr$/, 'learning rate')),
      x: 'epoch', xs: joined[0], whole: true, canLog: true, share: isShare(column), series};
  });
}
