// All runs of a folder, as a table that stays up to date.

function showOverview(data) {
  let filter = '';
  let sorting = [8, true];
  const box = el('div');
  const left = el('p', {class: 'note'});
  const input = el('input', {type: 'search', id: 'filter', placeholder: 'name, task, model, state', input: () => {
    filter = input.value.toLowerCase();
    fill();
  }});
  document.getElementById('head').replaceChildren(...head('Runs in ' + data.folder, '', [], ' '));
  document.getElementById('main').replaceChildren(section('runs', 'Runs',
      el('div', {class: 'row controls'}, el('label', {for: 'filter'}, 'Only with'), input), box, left));
  document.getElementById('foot').textContent = 'Served by Djinn to this machine alone.';

  const sorted = (text, value) => {
    const cell = el('span', {}, text);
    cell.sortValue = value;
    return cell;
  };

  function row(run) {
    const name = el('a', {href: '/run/' + encodeURIComponent(run.name) + '/'}, run.name);
    name.sortValue = run.name;
    return [name, words(run.task), run.model, run.figure ? words(run.figure) : '',
      sorted(run.figure ? figure(run.figure, run.best) : '–', run.best ?? null),
      sorted(run.epochsDone + (run.epochsAsked ? ' of ' + run.epochsAsked : ''), run.epochsDone),
      sorted(run.epochsDone ? duration(run.seconds) : '–', run.seconds), run.state, run.changed.replace('T', ' ').replace('Z', ''),
      sorted(bytes(run.bytes), run.bytes)];
  }

  function fill() {
    const runs = page.data.runs.filter(run => [run.name, run.task, run.model, run.state].join(' ').toLowerCase().includes(filter));
    const old = box.firstElementChild;
    const focused = old && old.contains(document.activeElement) ? [...old.querySelectorAll('a, button')].indexOf(document.activeElement) : -1;
    sorting = (old && old.sorting && old.sorting()) || sorting;
    const place = old ? [old.scrollLeft, old.scrollTop] : [0, 0];
    box.replaceChildren(runs.length
        ? sortable(['run', 'task', 'model', 'figure', 'best', 'epochs', 'time', 'state', 'changed (UTC)', 'size'], runs.map(row), {label: 'Runs', sort: sorting})
        : el('p', {}, page.data.runs.length ? 'No run has this.' : 'There is no run yet; this page shows it when there is.'));
    box.firstElementChild.scrollTo && box.firstElementChild.scrollTo(...place);
    if (focused >= 0) {
      const again = box.querySelectorAll('a, button')[focused];
      again && again.focus({preventScroll: true});
    }
    left.textContent = page.data.leftOut;
    const going = page.data.runs.filter(run => run.state === 'running?').length;
    document.getElementById('status').textContent = page.data.runs.length + (page.data.runs.length === 1 ? ' run' : ' runs')
        + (going ? ', ' + going + ' running as it seems' : '');
  }
  fill();
  poll('/runs.json', fill);
}
