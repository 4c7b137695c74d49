// The decision table, where it says nothing or two things, and what it says when the metrics move.
import { h, name, section } from './dom.js';
import { decide, eachMetric } from './holds.js';
import { slug } from './words.js';

const kSteps = 400;  // positions of a slider
const unitOf = (metric) => (metric.unit === 'percent' ? '%' : metric.unit ? ` ${metric.unit}` : '');
const ruleName = (decisions, i) => decisions.rules[i].id || `rule ${i + 1}`;
const within = (rule) => rule.within && (rule.within === '0s' ? ' at once' : ` within ${rule.within}`);
const number = (value) => String(Number(value.toPrecision(4)));

function text(condition, units) {
  switch (condition.type) {
    case 'otherwise': return 'otherwise';
    case 'issue': return `issue ${condition.name}`;
    case 'severity': return `severity ${condition.name}`;
    case 'all': return condition.parts.map((part) => (part.type === 'any' ? `(${text(part, units)})` : text(part, units))).join(' and ');
    case 'any': return condition.parts.map((part) => (part.type === 'all' ? `(${text(part, units)})` : text(part, units))).join(' or ');
    default: break;
  }
  const unit = units.get(condition.name) ?? '';
  const value = condition.value === null ? 'an unknown threshold'
    : condition.op === 'between' ? `${number(condition.value)}${unit} and below ${number(condition.high)}${unit}` : `${number(condition.value)}${unit}`;
  const op = { '<=': '≤', '>=': '≥' }[condition.op] ?? condition.op;
  return `${condition.name}${condition.relative ? ' (change)' : ''} ${op} ${value}${condition.hold ? ` for ${condition.hold}` : ''}`
    + (condition.within_minutes !== undefined ? `, within ${number(condition.within_minutes)} min of the deploy` : '');
}

/// Metrics with their thresholds and the range that a slider covers.
function metricsOf(decisions) {
  const found = new Map(decisions.metrics.map((metric) => [metric.name, { ...metric, thresholds: new Set() }]));
  let windows = 0;
  for (const rule of decisions.rules) {
    eachMetric(rule.when, (condition) => {
      if (!found.has(condition.name)) found.set(condition.name, { name: condition.name, unit: '', low: 0, high: 0, thresholds: new Set() });
      if (condition.value !== null) found.get(condition.name).thresholds.add(condition.value);
      if (condition.high !== undefined) found.get(condition.name).thresholds.add(condition.high);
      windows = Math.max(windows, condition.within_minutes ?? 0);
    });
  }
  const used = [...found.values()].filter((metric) => metric.thresholds.size > 0);
  for (const metric of used) {
    const most = Math.max(...metric.thresholds);
    metric.low = Math.min(metric.low, ...metric.thresholds, 0);
    // Close enough to the thresholds to tell them apart, as wide as the metric goes when it is not much wider.
    metric.top = metric.high > metric.low ? Math.min(metric.high, most * 2 || metric.high) : most * 2 || 1;
  }
  return { metrics: used, window: windows };
}

/// A slider reaches every threshold exactly, and a bit to both sides of it: positions are the values.
function positions(metric) {
  const values = new Set(metric.thresholds);
  for (let i = 0; i <= kSteps; ++i) values.add(metric.low + ((metric.top - metric.low) * i) / kSteps);
  return [...values].sort((a, b) => a - b);
}

/// What the table says along a metric while everything else stays: a strip below its slider, and the words of its colours.
function strip(decisions, metric, situation) {
  const runs = [];
  metric.positions.forEach((value) => {
    const { state, decided } = decide(decisions, { ...situation, values: { ...situation.values, [metric.name]: value } });
    const word = state === 'decided' ? decisions.rules[decided[0]].decide : state;
    if (runs.at(-1)?.word === word) runs.at(-1).size += 1;
    else runs.push({ word, size: 1 });
  });
  const label = { gap: 'nothing', conflict: 'conflict', open: 'unknown' };
  const words = [...new Set(runs.map(({ word }) => word))];
  return [h('div', { class: 'strip' }, runs.map(({ word, size }) => h('span', { class: `run ${slug(word)}`, style: { 'flex-grow': size }, title: label[word] ?? word }))),
    h('div', { class: 'words' }, words.map((word) => h('span', { class: `run ${slug(word)}` }, label[word] ?? word)))];
}

function slider(metric, i, situation, update) {
  const unit = unitOf(metric);
  metric.positions = positions(metric);
  const id = `metric-${i}`;
  const output = h('output', { for: id }, 'no value');
  const input = h('input', { type: 'range', id, name: metric.name, min: 0, max: metric.positions.length - 1, step: 1, value: 0, 'aria-valuetext': 'no value' });
  const show = (value) => {
    output.textContent = value === undefined ? 'no value' : `${number(value)}${unit}`;
    input.setAttribute('aria-valuetext', output.textContent);
  };
  input.addEventListener('input', () => {
    situation.values[metric.name] = metric.positions[Number(input.value)];
    show(situation.values[metric.name]);
    update();
  });
  metric.strip = h('div', { class: 'along', 'aria-hidden': 'true' });
  const none = h('button', { type: 'button', class: 'link', 'aria-label': `clear ${metric.name}`, onclick: () => { delete situation.values[metric.name]; input.value = 0; show(undefined); update(); } }, 'clear');
  return h('div', { class: 'metric' }, h('label', { for: id }, name(metric.name)), output, none, input, metric.strip);
}

function choice(label, values, set, update) {
  if (values.length === 0) return null;
  const id = `choose-${slug(label)}`;
  return h('div', { class: 'metric' }, h('label', { for: id }, label), h('select', { id, onchange: (event) => { set(event.target.value); update(); } },
    h('option', { value: '' }, 'none'), values.map((each) => h('option', { value: each }, each))));
}

/// Minutes since the deploy, where conditions hold only for so long.
function clock(window, situation, update) {
  if (window === 0) return null;
  situation.since = 0;
  const output = h('output', { for: 'since' }, '0 min');
  const input = h('input', { type: 'range', id: 'since', min: 0, max: Math.ceil(window * 2), step: 1, value: 0, oninput: (event) => {
    situation.since = Number(event.target.value);
    output.textContent = `${situation.since} min`;
    update();
  } });
  return h('div', { class: 'metric' }, h('label', { for: 'since' }, 'minutes since the deploy'), output, input);
}

function verdictOf(decisions, { state, decided, open }) {
  const rules = decided.map((i) => decisions.rules[i]);
  const names = decided.flatMap((i, n) => [n > 0 && ', ', h('code', {}, name(ruleName(decisions, i)))]);
  if (state === 'gap') return [h('strong', {}, 'No rule fires. '), 'The table says nothing here.'];
  if (state === 'open') return [h('strong', {}, 'Not known. '), `It depends on ${open.map((i) => ruleName(decisions, i)).join(', ')}: the plan does not know a threshold.`];
  const words = [...new Set(rules.map((rule) => rule.decide + (rule.path ? ` by ${rule.path}` : '')))];
  if (state === 'conflict') return [h('strong', {}, 'Conflict: '), words.join(' or '), '? By ', names, '.'];
  return [h('strong', {}, words[0]), rules.map(within).find(Boolean), ', by ', names, '.'];
}

function tableOf(decisions, units) {
  const conflicting = new Set(decisions.conflicts.flatMap((each) => [each.one, each.other]));
  const rows = decisions.rules.map((rule, i) => h('tr', { class: conflicting.has(i) ? 'conflicting' : null },
    h('th', { scope: 'row' }, name(ruleName(decisions, i))), h('td', { dir: 'auto' }, text(rule.when, units)),
    h('td', {}, h('span', { class: `run ${slug(rule.decide)}` }, rule.decide), rule.path && [' by ', name(rule.path)], within(rule)),
    h('td', {}, decisions.conflicts.flatMap((each) => (each.one === i ? [each.other] : each.other === i ? [each.one] : [])).flatMap((other, n) =>
      [n > 0 && ', ', name(ruleName(decisions, other))])), h('td', { class: 'fires' })));
  return { rows, element: h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Decision table' }, h('table', { class: 'decisions' },
    h('thead', {}, h('tr', {}, ['Rule', 'When', 'Then', 'Conflicts with', 'Now'].map((each) => h('th', { scope: 'col' }, each)))), h('tbody', {}, rows))) };
}

function troubles(decisions) {
  const id = (i) => name(ruleName(decisions, i));
  return [decisions.gaps.length > 0 && [h('h3', {}, 'Gaps: no rule says what to do'), h('ul', { class: 'gaps' }, decisions.gaps.map((gap) => h('li', { dir: 'auto' }, gap.text)))],
    decisions.conflicts.length > 0 && [h('h3', {}, 'Conflicts: two rules say different things'), h('ul', { class: 'conflicts' }, decisions.conflicts.map((each) =>
      h('li', { dir: 'auto' }, id(each.one), ' and ', id(each.other), ': ', each.where)))]];
}

export function decisions({ decisions: table }) {
  if (!table) return null;
  const { metrics, window } = metricsOf(table);
  const units = new Map(metrics.map((metric) => [metric.name, unitOf(metric)]));
  const situation = { values: {}, issue: '', severity: '' };
  const live = h('p', { class: 'decision', role: 'status' });
  const { rows, element } = tableOf(table, units);
  const update = () => {
    const result = decide(table, situation);
    live.className = `decision ${result.state}`;
    live.replaceChildren(...verdictOf(table, result).filter(Boolean).flat().filter(Boolean).map((each) => (each instanceof Node ? each : document.createTextNode(each))));
    rows.forEach((row, i) => {
      row.classList.toggle('firing', result.fired.includes(i));
      row.lastChild.textContent = result.decided.includes(i) ? 'fires' : result.fired.includes(i) ? 'holds, another comes first' : result.open.includes(i) ? 'not known' : '';
    });
    for (const metric of metrics) metric.strip.replaceChildren(...strip(table, metric, situation));
  };
  const inputs = h('div', { class: 'inputs' }, metrics.map((metric, i) => slider(metric, i, situation, update)),
    choice('Issue', table.issues, (value) => { situation.issue = value; }, update),
    choice('Severity', table.severities, (value) => { situation.severity = value; }, update), clock(window, situation, update));
  update();
  return section('decisions', 'Decisions', h('p', {}, `Hit policy: ${table.hit}. `, `${table.gaps.length} gaps and ${table.conflicts.length} conflicts were found.`),
    h('h3', {}, 'What if'), h('p', {}, 'Move a metric or choose an issue: the line below says what to do. Under a slider stands what the table says along the whole range.'),
    live, inputs, element, troubles(table));
}
