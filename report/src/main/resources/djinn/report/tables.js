// Tables that are sorted by their headings.

/**
 * A table. A cell is a number, a text, null, or an element with its value for sorting as `sortValue`.
 * options: caption, named (the first cell heads its row), classes (of cells, by column), rowClass, sort ([column, isDown]).
 */
function sortable(columns, rows, options) {
  const {caption = '', classes = [], rowClass = () => null} = options || {};
  const value = cell => cell instanceof Element ? cell.sortValue : cell;
  const isNone = cell => value(cell) === null || value(cell) === '';
  const isNumber = columns.map((_, column) => rows.some(row => typeof value(row[column]) === 'number')
      && rows.every(row => isNone(row[column]) || typeof value(row[column]) === 'number'));
  // what a row is about stands at the left, a number too
  const aligned = column => isNumber[column] && column > 0 || classes[column] === 'num' ? 'num' : null;
  const body = el('tbody');
  const heads = columns.map((name, column) => el('th', {scope: 'col', class: aligned(column), 'aria-sort': 'none'},
      el('button', {type: 'button', click: () => sort(column)}, name)));

  function cell(content, column) {
    const shown = content instanceof Element ? content : typeof content === 'number' || content === null ? number(content) : content;
    const attributes = {class: aligned(column) || classes[column] || null,
      title: content === null ? 'not defined' : null};
    return column === 0 ? el('th', {...attributes, scope: 'row'}, shown) : el('td', attributes, shown);
  }

  function fill(shown) {
    body.replaceChildren(...shown.map(row => el('tr', {class: rowClass(row)}, row.map(cell))));
  }

  function order(column, isDown) {
    const sign = isDown ? -1 : 1;
    return [...rows].sort((one, other) => {
      // what is not defined stays behind, whichever way
      if (isNone(one[column]) || isNone(other[column])) {
        return isNone(one[column]) - isNone(other[column]);
      }
      const a = value(one[column]);
      const b = value(other[column]);
      return sign * (isNumber[column] ? a - b : String(a).localeCompare(String(b), 'en', {numeric: true}));
    });
  }

  function show(column, isDown) {
    heads.forEach((head, i) => head.setAttribute('aria-sort', i === column ? (isDown ? 'descending' : 'ascending') : 'none'));
    fill(order(column, isDown));
  }

  function sort(column) {
    const now = heads[column].getAttribute('aria-sort');
    // of figures the largest first
    show(column, now === 'none' ? isNumber[column] : now === 'ascending');
  }

  fill(rows);
  if (options && options.sort) {
    show(...options.sort);
  }
  const table = el('table', {class: 'list'},
      caption ? el('caption', {class: 'quiet'}, caption) : null, el('thead', {}, el('tr', {}, heads)), body);
  const box = el('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': (options && options.label) || caption || 'Table'}, table);
  box.sorting = () => {
    const column = heads.findIndex(head => head.getAttribute('aria-sort') !== 'none');
    return column < 0 ? null : [column, heads[column].getAttribute('aria-sort') === 'descending'];
  };
  return box;
}

/** Two columns of names and values. */
function pairs(label, rows) {
  return el('div', {class: 'scroll high', tabindex: '0', role: 'region', 'aria-label': label}, el('table', {class: 'list'},
      el('tbody', {}, rows.map(([name, value]) => el('tr', {}, el('th', {scope: 'row'}, name), el('td', {class: 'mono'}, value))))));
}
