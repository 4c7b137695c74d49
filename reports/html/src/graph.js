// Which step waits for which: the deploy and a rollback path side by side, each zoomable.
import { Graph, layout } from '@dagrejs/dagre';
import { select } from 'd3-selection';
import { curveBasis, line } from 'd3-shape';
import { zoom, zoomIdentity } from 'd3-zoom';
import { h, later, name, s, section, table } from './dom.js';
import { parts } from './order.js';
import { count, range } from './words.js';

const kWidth = 190;
const kHeight = 46;
const kBeside = 150;  // room for what is written beside the nodes
const kLetters = 24;  // of an id or a line of a node
const kNodes = 120;   // more cannot be told apart: neighbours share one

const cut = (text) => (text.length > kLetters ? `${text.slice(0, kLetters - 1)}…` : text);

/// Edges from each node to those before it, without those that others imply already.
function reduced(steps, before) {
  const reach = new Map();
  const all = (step) => {
    if (!reach.has(step)) {
      reach.set(step, new Set());  // a cycle cannot be: the loader refuses it
      const found = reach.get(step);
      for (const each of before.get(step)) for (const one of [each, ...all(each)]) found.add(one);
    }
    return reach.get(step);
  };
  for (const step of steps) all(step);
  return steps.flatMap((step) => {
    const direct = before.get(step);
    return direct.filter((each) => !direct.some((other) => other !== each && reach.get(other).has(each))).map((each) => [each, step]);
  });
}

function arrange(steps, before) {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'TB', nodesep: 18, ranksep: 26, marginx: 12, marginy: 12 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const step of steps) graph.setNode(String(step), { width: kWidth, height: kHeight });
  for (const [from, to] of reduced(steps, before)) graph.setEdge(String(from), String(to));
  layout(graph);
  return graph;
}

const rangeOf = (steps) => `${steps[0].id} … ${steps.at(-1).id}`;

/// A step, or several that share a node.
function node(steps, at, classes, open) {
  const left = at.x - kWidth / 2;
  const top = at.y - kHeight / 2;
  const [step] = steps;
  const alone = steps.length === 1;
  const does = alone ? `${step.verb} ${step.on}` : count(steps.length, 'step');
  const is = alone ? step.id : rangeOf(steps);
  return s('g', { class: `node ${alone ? '' : 'many '}${classes}`, onclick: alone ? null : open },
    s('title', {}, `${is}: ${does}${alone && step.note ? `. ${step.note}` : ''}`),
    s('rect', { x: left, y: top, width: kWidth, height: kHeight, rx: 6 }),
    s('text', { x: left + 10, y: top + 19, class: 'id' }, cut(is)),
    s('text', { x: left + 10, y: top + 36, class: 'what' }, cut(does)));
}

/// The line below everything that has run when `step` ends.
function noReturnLine(at, width, label) {
  const y = at.y + kHeight / 2 + 13;
  return s('g', { class: 'limit' }, s('line', { x1: -kBeside, x2: width + kBeside, y1: y, y2: y }),
    s('text', { x: width, y: y - 6 }, 'point of no return'), s('text', { x: width, y: y + 14 }, cut(label)));
}

const kMove = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };

/// A drawing that scrolls by dragging and arrows, and zooms by wheel, buttons, + and -. It begins as wide as its frame.
function zoomable(title, drawing, left, width, height) {
  const tall = Math.min(Math.max(height, 120), 620);
  const svg = s('svg', { class: 'graph', tabindex: '0', role: 'img', 'aria-label': `${title}. Arrow keys move it, plus and minus zoom; the list of steps below says the same.`,
    viewBox: `${left} 0 ${width} ${height}`, height: tall, preserveAspectRatio: 'xMidYMin meet' }, drawing);
  const behaviour = zoom().scaleExtent([0.2, 20]).filter((event) => (event.type === 'wheel' ? event.ctrlKey || event.metaKey : !event.button))
    .on('zoom', (event) => drawing.setAttribute('transform', event.transform));
  const chosen = select(svg).call(behaviour);
  const scale = (factor) => chosen.call(behaviour.scaleBy, factor);
  svg.addEventListener('keydown', (event) => {
    if (kMove[event.key]) chosen.call(behaviour.translateBy, ...kMove[event.key]);
    else if (event.key === '+' || event.key === '=') scale(1.3);
    else if (event.key === '-') scale(1 / 1.3);
    else if (event.key === '0') chosen.call(behaviour.transform, zoomIdentity);
    else return;
    event.preventDefault();
  });
  addEventListener('beforeprint', () => chosen.call(behaviour.transform, zoomIdentity));
  const button = (text, label, act) => h('button', { type: 'button', 'aria-label': `${label}: ${title}`, onclick: act }, text);
  // A long plan begins at its first steps, in letters that can be read.
  const readable = (width * tall) / height / width;
  if (readable < 0.75) {
    const factor = 0.85 / readable;
    chosen.call(behaviour.transform, zoomIdentity.translate((left + width / 2) * (1 - factor), 0).scale(factor));
  }
  return h('div', { class: 'frame' }, h('div', { class: 'tools' }, button('+', 'Zoom in', () => scale(1.3)), button('−', 'Zoom out', () => scale(1 / 1.3)),
    button('Whole', 'Whole', () => chosen.call(behaviour.transform, zoomIdentity))), svg);
}

/// The steps of each node, and which nodes each waits for.
function nodesOf(steps, before) {
  const within = new Set(steps);
  const inside = (step) => before.get(step).filter((each) => within.has(each));
  const nodes = parts(steps, inside, kNodes);
  const of = new Map(nodes.flatMap((part, i) => part.map((step) => [step, i])));
  const waits = new Map(nodes.map((part, i) => [i, [...new Set(part.flatMap((step) => inside(step).map((each) => of.get(each))))].filter((each) => each !== i)]));
  return { nodes, of, waits };
}

function picture(title, structure, { nodes, of, waits }, critical, point, open) {
  const graph = arrange([...waits.keys()], waits);
  const { width, height } = graph.graph();
  const path = line((at) => at.x, (at) => at.y).curve(curveBasis);
  const thick = nodes.map((part) => part.some((step) => critical.has(step)));
  const last = point ? of.get(point.step) : undefined;
  const drawing = s('g', {},
    graph.edges().map((edge) => s('path', { class: thick[edge.v] && thick[edge.w] ? 'edge critical' : 'edge', d: path(graph.edge(edge).points), 'marker-end': 'url(#arrow)' })),
    nodes.map((part, i) => node(part.map((step) => structure.steps[step]), graph.node(String(i)), thick[i] ? 'critical' : '', () => open(i))),
    last !== undefined && noReturnLine(graph.node(String(last)), width, point.label));
  const beside = last === undefined ? 0 : kBeside;
  return zoomable(title, drawing, -beside, width + 2 * beside, height);
}

/// The steps with what ties them together. Of a long plan, parts that can be opened.
function draw(title, structure, steps, before, critical, point) {
  if (steps.length === 0) return h('p', {}, 'It has no steps.');
  const all = nodesOf(steps, before);
  const frame = h('div', {});
  const whole = (open) => frame.replaceChildren(picture(title, structure, all, critical, point, open));
  if (all.nodes.length === steps.length) {
    whole();
    return frame;
  }
  const choice = h('select', { 'aria-label': `Steps of ${title}`, onchange: ({ target: { value } }) => (value < 0 ? whole(open)
    : frame.replaceChildren(draw(title, structure, all.nodes[value], before, critical, point))) },
  h('option', { value: -1 }, `all ${count(steps.length, 'step')}`), all.nodes.map((part, i) => h('option', { value: i }, rangeOf(part.map((step) => structure.steps[step])))));
  const open = (i) => {
    choice.value = i;
    choice.dispatchEvent(new Event('change'));
  };
  whole(open);
  return h('div', {}, h('p', {}, 'Neighbours share a node, which opens: ', choice), frame);
}

/// The last deploy step that has run at the point of no return.
function pointOf(plan) {
  const row = plan.point_of_no_return && plan.matrix?.rows.find((each) => each.label === plan.point_of_no_return.interruption);
  if (!row || (row.last === null && row.half === null)) return null;
  return { step: row.half ?? row.last, label: row.label };
}

function list(structure, steps) {
  const id = (step) => structure.steps[step].id;
  const names = (numbers) => numbers.flatMap((each, i) => [i > 0 && ', ', name(id(each))]);
  const undoers = new Map(structure.steps.map((_, i) => [i, []]));
  structure.steps.forEach((each, i) => { for (const undone of each.undoes) undoers.get(undone).push(i); });
  return table('Steps', ['Step', 'Does', 'After', 'Taken back by', 'Takes', 'By', 'In the plan'], steps.map((number) => {
    const step = structure.steps[number];
    const undoneBy = undoers.get(number);
    const undo = step.undo?.step !== undefined ? [step.undo.step, ...undoneBy.filter((each) => each !== step.undo.step)] : undoneBy;
    return [name(step.id), [name(`${step.verb} ${step.on}`), step.marks.length > 0 && h('span', { class: 'quiet' }, ` (${step.marks.join(', ')})`)],
      step.needs.length > 0 ? names(step.needs) : 'nothing', undo.length > 0 ? names(undo) : step.undo?.text ?? (step.undoes.length > 0 ? ['takes back ', names(step.undoes)] : '–'),
      step.time.unknown ? 'not estimated' : range(step.time.low, step.time.high), step.by, h('code', {}, step.place)];
  }));
}

export function graph(plan) {
  const { structure } = plan;
  const deploy = structure.steps.map((_, i) => i).slice(0, structure.deploy_count);
  const before = new Map(structure.steps.map((step, i) => [i, step.needs]));
  const right = h('div', {});
  const show = (path) => {
    const inside = new Map(path.steps.map((step, i) => [step, path.before[i].map((each) => path.steps[each])]));
    right.replaceChildren(draw(`Rollback by ${path.name}`, structure, path.steps, inside, new Set(path.critical), null));
  };
  const choice = h('select', { id: 'graph-path', onchange: (event) => show(structure.paths[event.target.value]) },
    structure.paths.map((path, i) => h('option', { value: i }, path.name + (path.full ? ' (full)' : ''))));
  if (structure.paths.length > 0) {
    const first = Math.max(0, structure.paths.findIndex((path) => path.full));
    choice.value = first;
    show(structure.paths[first]);
  }
  const marker = s('svg', { class: 'defs', 'aria-hidden': 'true', width: 0, height: 0 }, s('defs', {}, s('marker',
    { id: 'arrow', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 9, markerHeight: 9, markerUnits: 'userSpaceOnUse', orient: 'auto' }, s('path', { d: 'M0 0 L8 4 L0 8 z' }))));
  return section('graph', 'Dependencies', marker,
    h('p', {}, 'An arrow leads to the step that waits. The thick way is the critical path: the steps that decide how long it takes.'),
    h('div', { class: 'pair' },
      h('div', {}, h('h3', {}, 'Deploy'), draw('Deploy', structure, deploy, before, new Set(structure.deploy_critical), pointOf(plan))),
      structure.paths.length > 0 && h('div', {}, h('h3', {}, h('label', { for: 'graph-path' }, 'Rollback by '), choice), right)),
    later('Every step as a list', structure.steps.length, () => list(structure, structure.steps.map((_, i) => i))));
}
