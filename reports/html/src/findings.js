// What the rules found, by rule, worst first, each with its lines of the plan.
import { h, name, section } from './dom.js';
import { count } from './words.js';

const kSeverities = ['error', 'warning', 'note'];

function place(item) {
  return h('code', { class: 'place', dir: 'ltr' }, `${item.file}:${item.line}:${item.column}`);
}

function finding(item) {
  return h('li', { class: 'finding' },
    h('p', { dir: 'auto' }, item.message), h('p', { class: 'quiet' }, place(item), item.step && [' step ', name(item.step)]),
    item.excerpt && h('pre', { class: 'excerpt', tabindex: '0', role: 'region', 'aria-label': `Lines of ${item.file}` }, item.excerpt),
    item.related.length > 0 && h('ul', { class: 'related' }, item.related.map((each) => h('li', { dir: 'auto' }, place(each), ' ', each.message))),
    item.fix && h('p', { class: 'fix', dir: 'auto' }, h('strong', {}, 'Fix: '), item.fix));
}

function group([rule, items]) {
  const severity = items[0].severity;
  return h('details', { class: `rule ${severity}` },
    h('summary', {}, h('span', { class: `badge ${severity}` }, severity), ' ', h('code', {}, rule),
      h('span', { class: 'quiet' }, ` ×${items.length} `), h('span', { class: 'gist', dir: 'auto' }, items[0].message)),
    h('ol', {}, items.map(finding)),
    h('p', { class: 'quiet' }, 'Why this rule exists and how to mend what it reports: ', h('code', {}, `backout explain ${rule}`)));
}

export function findings({ findings: all }) {
  if (all.length === 0) return section('findings', 'Findings', h('p', {}, 'None.'));
  const byRule = new Map();
  for (const each of all) byRule.set(each.rule, [...(byRule.get(each.rule) ?? []), each]);
  const groups = [...byRule];
  groups.sort(([, a], [, b]) => kSeverities.indexOf(a[0].severity) - kSeverities.indexOf(b[0].severity) || b.length - a.length);
  const list = h('div', {}, groups.map(group));
  const toggle = h('button', { type: 'button', onclick: () => {
    const open = !list.querySelector('details').open;
    for (const details of list.querySelectorAll('details')) details.open = open;
    toggle.textContent = open ? 'Close all' : 'Open all';
  } }, 'Open all');
  return section('findings', 'Findings',
    h('p', {}, `${count(all.length, 'finding')} of ${count(groups.length, 'rule')}. `, toggle), list);
}
