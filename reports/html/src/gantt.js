// The critical path of each rollback: when each step begins and ends, at least, likely and at most.
import { h, later, name, s, section, table } from './dom.js';
import { timeAxis, timeScale } from './axis.js';
import { inOrder } from './order.js';
import { count, range, time } from './words.js';

const kRow = 26;
const kBars = 300;  // of more steps, those that take longest
const kBounds = ['low', 'likely', 'high'];

/// A response time as a bar of its own, before the steps.
function response(structure) {
  return [['notice', structure.detect], ['decide', structure.respond]].filter(([, each]) => each && !each.unknown)
    .map(([label, each]) => ({ label, time: { low: each.low, likely: (each.low + each.high) / 2, high: each.high }, critical: true, response: true }));
}

/// Bars of a path with their starts, each step as early as what it waits for lets it.
export function bars(structure, path) {
  const before = response(structure);
  const zero = Object.fromEntries(kBounds.map((bound) => [bound, before.reduce((sum, each) => sum + each.time[bound], 0)]));
  let at = { low: 0, likely: 0, high: 0 };
  for (const each of before) {
    each.start = at;
    at = Object.fromEntries(kBounds.map((bound) => [bound, at[bound] + each.time[bound]]));
  }
  const steps = [];
  const critical = new Set(path.critical);
  for (const position of inOrder(path.steps.map((_, i) => i), (each) => path.before[each])) {
    const step = structure.steps[path.steps[position]];
    const start = Object.fromEntries(kBounds.map((bound) => [bound, path.before[position].reduce((latest, each) => Math.max(latest, steps[each].end[bound]), zero[bound])]));
    steps[position] = { label: step.id, time: step.time, start, unknown: step.time.unknown, critical: critical.has(path.steps[position]),
      end: Object.fromEntries(kBounds.map((bound) => [bound, start[bound] + step.time[bound]])) };
  }
  return [...before, ...steps];
}

function bar(each, y, x) {
  const mid = y + kRow / 2;
  const to = (bound) => each.start[bound] + each.time[bound];
  if (each.unknown && each.time.high === 0) return s('text', { class: 'missing', x: x(each.start.likely) + 4, y: mid + 4 }, '? not estimated');
  const whisker = `M${x(to('low'))} ${mid} H${x(to('high'))} M${x(to('low'))} ${mid - 5} v10 M${x(to('high'))} ${mid - 5} v10`;
  return s('g', { class: each.critical ? 'bar-of critical' : 'bar-of' },
    s('title', {}, `${each.label}: takes ${range(each.time.low, each.time.high)}; ends after ${range(to('low'), to('high'))}`),
    s('rect', { class: 'solid', x: x(each.start.likely), width: Math.max(2, x(to('likely')) - x(each.start.likely)), y: y + 5, height: kRow - 10, rx: 3 }),
    ['halo', 'whisker'].map((kind) => s('path', { class: kind, d: whisker })));
}

/// Those that take longest, in their order.
function longest(all) {
  if (all.length <= kBars) return all;
  const chosen = new Set([...all].sort((a, b) => b.time.high - a.time.high).slice(0, kBars));
  return all.filter((each) => chosen.has(each));
}

function chart(path, all, width) {
  if (all.length === 0) return h('p', {}, 'It has no steps.');
  const limit = path.objectives.find((each) => each.phase === 'total' && !each.limit.unknown)?.limit.high;
  const high = Math.max(limit ?? 0, ...all.map((each) => each.start.high + each.time.high));
  const left = Math.min(170, width * 0.3);
  const bottom = all.length * kRow + 18;
  const x = timeScale(high * 1.03, left, width - 24);
  const letters = Math.floor((left - 8) / 8.6);
  return s('svg', { class: 'chart', viewBox: `0 0 ${width} ${bottom + 22}`, width, height: bottom + 22, role: 'img',
    'aria-label': `Gantt chart of ${path.name}; the table below has its numbers` },
  timeAxis(x, 18, bottom),
  all.map((each, i) => [
    s('text', { class: 'id', x: left - 8, y: 18 + i * kRow + kRow / 2 + 4, 'text-anchor': 'end' }, s('title', {}, each.label), each.label.length > letters ? `${each.label.slice(0, letters - 1)}…` : each.label),
    bar(each, 18 + i * kRow, x)]),
  limit !== undefined && s('g', { class: 'limit' }, s('line', { x1: x(limit), x2: x(limit), y1: 14, y2: bottom }),
    s('text', { x: x(limit) + (x(limit) > width * 0.7 ? 2 : -2), y: 11, 'text-anchor': x(limit) > width * 0.7 ? 'end' : 'middle' }, `objective ${time(limit)}`)));
}

export function gantt(plan) {
  const { structure } = plan;
  if (structure.paths.length === 0) return null;
  const frame = h('div', {});
  const show = (path) => {
    const width = Math.max(340, Math.min(1240, document.documentElement.clientWidth - 40));
    const all = bars(structure, path);
    const drawn = longest(all);
    frame.replaceChildren(h('div', { class: 'scroll' }, chart(path, drawn, width)),
      h('p', { class: 'quiet', hidden: drawn.length === all.length }, `The ${kBars} steps that take longest, of ${count(all.length, 'step')}.`),
      later('As numbers', all.length, () => table('Times of the steps', ['Step', 'Takes at least', 'Likely', 'At most', 'Ends at the latest after', 'On the critical path'],
        all.map((each) => [name(each.label), ...kBounds.map((bound) => (each.unknown ? 'not estimated' : time(each.time[bound]))),
          time(each.start.high + each.time.high), each.critical ? 'yes' : '']))));
  };
  const first = Math.max(0, structure.paths.findIndex((path) => path.full));
  const choice = h('select', { id: 'gantt-path', onchange: (event) => show(structure.paths[event.target.value]) },
    structure.paths.map((path, i) => h('option', { value: i }, path.name + (path.full ? ' (full)' : ''))));
  choice.value = first;
  show(structure.paths[first]);
  return section('gantt', 'Critical path', h('p', {}, h('label', { for: 'gantt-path' }, 'Rollback by '), choice),
    h('p', {}, 'A bar is the likely time of a step, its whiskers the earliest and the latest end. Filled: steps on the critical path.'), frame);
}
