// What became of the plan since a commit: findings that are new or gone, cells that got worse or better.
import { h, name, section, table } from './dom.js';
import { count, slug } from './words.js';

const kBases = { absent: 'The plan is new: that commit does not have it.', invalid: 'Its version of that commit cannot be read.' };

const verdict = (word) => (word ? h('span', { class: `badge ${slug(word.replace('*', ''))}` }, word) : '–');

function listed(title, findings) {
  if (findings.length === 0) return null;
  return [h('h3', {}, title), h('ul', { class: 'change' }, findings.map((each) => h('li', {}, h('span', { class: `badge ${each.severity}` }, each.severity), ' ',
    h('code', {}, each.rule), ' ', h('span', { dir: 'auto' }, each.message), ' ', h('code', { class: 'place', dir: 'ltr' }, `${each.file}:${each.line}:${each.column}`))))];
}

function noReturn({ before, after, reason }) {
  if (before === after) return null;
  return h('p', {}, h('strong', {}, 'Point of no return: '), before && [name(before), ', now '], name(after), reason && [': ', h('span', { dir: 'auto' }, reason)], '.');
}

export function change({ change: made }) {
  if (!made) return null;
  const { base, new: added, fixed, unchanged, cells, point_of_no_return: point } = made.plan;
  const told = kBases[base] ?? `${count(added.length, 'new finding')}, ${fixed.length} fixed, ${unchanged} as before; ${count(cells.length, 'cell')} of the matrix changed.`;
  const rows = cells.map((cell) => [name(cell.interruption), name(cell.path), verdict(cell.before), verdict(cell.after), h('span', { dir: 'auto' }, cell.reason)]);
  return section('change', `Since ${made.base}`, h('p', {}, told), base === 'compared' && [noReturn(point), listed('New', added), listed('Fixed', fixed),
    rows.length > 0 && table('Cells of the matrix, what got worse first', ['The deploy stops', 'Path', 'Before', 'Now', 'Why'], rows)]);
}
