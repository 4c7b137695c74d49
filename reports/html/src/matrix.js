// The rollback matrix as a heat map; a cell opens the run that shows its verdict.
import { breakable, h, name, section } from './dom.js';
import { mark } from './link.js';
import { openTimeline } from './timeline.js';
import { count, slug } from './words.js';

/// What a reviewer who meets the words for the first time reads below the matrix. From docs/semantics.md.
const kMeanings = {
  STUCK: 'a step does not get through and nobody can go on, or the rollback never ends',
  'DATA LOST': 'it gets through, and data that was there or had been accepted is gone',
  'NOT RESTORED': 'every step ran, and the state is not the old one',
  DOWN: 'every step ran, and something that served before the deploy serves no more',
  INCOMPATIBLE: 'what is left running and the data do not fit: requests are refused',
  'TOO SLOW': 'it takes longer than its objective allows',
  UNKNOWN: 'it depends on what the plan does not say, or on what was not looked at',
  'RESTORED WITH RESIDUE': 'as before the deploy, but for what the plan says is left behind',
  WORKS: 'a partial way back: not the old state, and one that works',
  RESTORED: 'everything is as before the deploy',
};

const kReach = { all: 'Yes', part: 'In part', unknown: 'Not known', none: 'No' };


/// A line that stands there while the table is wider than its frame.
function widthHint(frame, paths) {
  const hint = h('p', { class: 'quiet hint', hidden: true }, `${count(paths, 'path')}: scroll the table sideways to see all.`);
  new ResizeObserver(() => { hint.hidden = frame.scrollWidth <= frame.clientWidth; }).observe(frame);
  return hint;
}

/// The matrix with its shared texts and traces put back.
export function readMatrix(matrix) {
  const last = matrix.paths.map(() => []);
  const cells = matrix.cells.map((cell, i) => {
    const path = i % matrix.paths.length;
    const [applicable, verdict, faultFree, reason, residue, [low, high, unknown, p50, p95], [common, ...rest], order] = cell;
    last[path] = [...last[path].slice(0, common), ...rest];
    const trace = last[path];
    return {
      row: Math.floor(i / matrix.paths.length), column: path, path: matrix.paths[path], applicable, verdict, faultFree,
      reason: matrix.texts[reason], residue: matrix.texts[residue], low, high, unknown, p50, p95,
      trace: () => trace.map((n) => { const [actor, step, text, changes] = matrix.lines[n]; return { actor, step, text, changes }; }),
      order: matrix.texts[order],
    };
  });
  return { ...matrix, cells };
}

const word = (cell) => (cell.applicable ? cell.verdict + (cell.verdict === cell.faultFree ? '' : '*') : '-');

/// Runs of rows that look alike, as [first, last].
function foldedRows(matrix, rowOf) {
  const key = (i) => [...rowOf(i).map(word), matrix.rows[i].reach, ...matrix.rows[i].ways].join('|');
  const folded = [];
  matrix.rows.forEach((_, i) => {
    const run = folded.at(-1);
    if (run && key(run[1]) === key(i)) run[1] = i;
    else folded.push([i, i]);
  });
  return folded;
}

function cellButton(cell, label, plan) {
  if (!cell.applicable) return h('td', { class: 'cell none' }, h('button', { type: 'button', tabindex: '-1', 'aria-label': 'not offered here' }, '–'));
  return h('td', { class: `cell ${slug(cell.verdict)}` },
    h('button', { type: 'button', id: mark(`cell-${cell.row + 1}-${cell.column + 1}`), tabindex: '-1', 'aria-haspopup': 'dialog', title: cell.reason || null,
      onclick: (event) => openTimeline(cell, label, plan, event.currentTarget) }, word(cell)));
}

function bestCell(row) {
  const ways = row.ways.slice(0, 2).flatMap((each, i) => [i > 0 && ', ', name(each)]);
  return h('td', { class: `best ${row.reach}` }, h('strong', {}, kReach[row.reach]), row.ways.length > 0 && [': ', ways],
    row.ways.length > 2 && ` and ${row.ways.length - 2} more`);
}

/// Arrows, Home and End move between cells; one cell at a time is in the tab order.
function moveByKeys(grid) {
  const buttons = () => [...grid.tBodies[0].rows].map((row) => [...row.querySelectorAll('button')]);
  const first = grid.querySelector('tbody button');
  if (first) first.tabIndex = 0;
  grid.addEventListener('focusin', (event) => {
    for (const button of grid.querySelectorAll('button[tabindex="0"]')) button.tabIndex = -1;
    if (event.target.tagName === 'BUTTON') event.target.tabIndex = 0;
  });
  grid.addEventListener('keydown', (event) => {
    const rows = buttons();
    const y = rows.findIndex((row) => row.includes(document.activeElement));
    if (y < 0) return;
    const x = rows[y].indexOf(document.activeElement);
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1], Home: [-x, 0], End: [rows[y].length - 1 - x, 0] }[event.key] ?? [0, 0];
    if (dx === 0 && dy === 0) return;
    event.preventDefault();
    rows[Math.min(Math.max(y + dy, 0), rows.length - 1)][Math.min(Math.max(x + dx, 0), rows[y].length - 1)].focus();
  });
}

function grid(matrix, runs, rowOf, plan) {
  const noReturn = plan.point_of_no_return?.interruption;
  const made = h('table', { role: 'grid', class: 'matrix', 'aria-label': 'Rollback matrix' },
    h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, 'The deploy stops'), h('th', { scope: 'col' }, 'Is there a way back?'),
      matrix.paths.map((each) => h('th', { scope: 'col' }, breakable(each))))),
    h('tbody', {}, runs.map(([first, last]) => {
      const { label } = matrix.rows[first];
      const marked = matrix.rows.slice(first, last + 1).some((row) => row.label === noReturn);
      return h('tr', {}, h('th', { scope: 'row' }, name(label), last > first && [' … ', name(matrix.rows[last].label)],
        marked && h('span', { class: 'no-return' }, `point of no return: ${noReturn}`)),
      bestCell(matrix.rows[first]), rowOf(first).map((cell) => cellButton(cell, label, plan)));
    })));
  moveByKeys(made);
  return made;
}

/// One run per verdict and reason, the shortest: what a printed page shows in place of dialogs.
function reasons(matrix, plan) {
  const groups = new Map();
  for (const cell of matrix.cells) {
    if (!cell.applicable || !cell.reason) continue;
    const key = `${cell.verdict}|${cell.reason}`;
    const group = groups.get(key) ?? { cell, paths: new Set(), places: new Set() };
    group.paths.add(cell.path);
    group.places.add(cell.row);
    groups.set(key, group);
  }
  if (groups.size === 0) return null;
  return h('details', { class: 'reasons' }, h('summary', {}, `The ${count(groups.size, 'reason')} behind these verdicts`),
    h('ul', {}, [...groups.values()].map(({ cell, paths, places }) => h('li', {},
      h('span', { class: `badge ${slug(cell.verdict)}` }, cell.verdict), ' ', h('span', { dir: 'auto' }, cell.reason),
      h('span', { class: 'quiet' }, ' By ', [...paths].flatMap((each, i) => [i > 0 && ', ', name(each)]), `, from ${count(places.size, 'place')}. `),
      h('button', { type: 'button', class: 'link', 'aria-haspopup': 'dialog',
        onclick: (event) => openTimeline(cell, matrix.rows[cell.row].label, plan, event.currentTarget) }, 'Step by step')))));
}

function legend(cells) {
  const seen = new Set(cells.filter((cell) => cell.applicable).map((cell) => cell.verdict));
  return h('dl', { class: 'legend' }, Object.entries(kMeanings).filter(([verdict]) => seen.has(verdict)).map(([verdict, meaning]) =>
    h('div', {}, h('dt', { class: `badge ${slug(verdict)}` }, verdict), h('dd', {}, meaning))));
}

function noReturn(plan, matrix) {
  const point = plan.point_of_no_return;
  const stops = matrix.stops.map((stop) => h('p', {}, h('strong', {}, 'The deploy stops by itself'), ' at ', name(plan.structure.steps[stop.step].id),
    stop.needs_traffic && ' once live traffic has written', ': ', h('span', { dir: 'auto' }, stop.reason), '.'));
  if (!point) {
    return [stops, h('p', {}, h('strong', {}, 'Point of no return: '), plan.point_of_no_return_decided
      ? 'none. From every place some order of the undos gives the state back.' : 'not decided: a limit was reached, or what a step or a version does is not known.')];
  }
  return [stops, h('p', {}, h('strong', {}, 'Point of no return: '), name(point.step ?? point.interruption),
    point.needs_traffic && ', once live traffic has written', '. From there nothing gives the old state back: ', h('span', { dir: 'auto' }, point.reason), '.')];
}

export function matrix(plan) {
  if (!plan.matrix) return null;
  const full = readMatrix(plan.matrix);
  const width = full.paths.length;
  const rowOf = (i) => full.cells.slice(i * width, (i + 1) * width);
  const folded = foldedRows(full, rowOf);
  const every = full.rows.map((_, i) => [i, i]);
  const frame = h('div', { class: 'scroll' }, grid(full, folded, rowOf, plan));
  const unfold = folded.length < every.length && h('label', { class: 'switch' }, h('input', { type: 'checkbox',
    onchange: (event) => frame.replaceChildren(grid(full, event.target.checked ? every : folded, rowOf, plan)) }),
  ` show each of the ${every.length} places on a row of its own`);
  const starred = full.cells.some((cell) => cell.applicable && cell.verdict !== cell.faultFree);
  return section('matrix', 'Rollback matrix',
    h('p', {}, 'A row is a place where the deploy may stop, a column a way to roll back, a cell the worst that comes of it. ',
      'Open a cell to see the run that shows it.'),
    unfold, widthHint(frame, width), frame, starred && h('p', { class: 'quiet' }, '* only when one more thing goes wrong; without a fault it is better than that.'),
    legend(full.cells), reasons(full, plan), noReturn(plan, full));
}
