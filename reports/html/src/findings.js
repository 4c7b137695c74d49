// What the rules found, by rule, worst first, each with its lines of the plan.
import { h, name, section } from './dom.js';
import { link, mark } from './link.js';
import { count } from './words.js';

const kSeverities = ['error', 'warning', 'note'];

function place(item) {
  return h('code', { class: 'place', dir: 'ltr' }, `${item.file}:${item.line}:${item.column}`);
}

function finding(item) {
  return h('li', { class: 'finding', id: item.id },
    h('p', { dir: 'auto' }, item.message), h('p', { class: 'quiet' }, place(item), item.step && [' step ', name(item.step)], ' ', link(item.id, 'finding')),
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

/// A name for a finding that stays the same while its line does.
export function named(all) {
  const seen = new Map();
  return all.map((each) => {
    const place = `${each.rule}-${each.line}`;
    seen.set(place, (seen.get(place) ?? 0) + 1);
    return { ...each, id: mark(seen.get(place) === 1 ? place : `${place}-${seen.get(place)}`) };
  });
}

/// Shows the findings in which each word of the text stands, and how many they are.
function filter(list, shown, all) {
  return (event) => {
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    for (const rule of list.querySelectorAll('details.rule')) {
      const name = rule.querySelector('code').textContent;
      let some = false;
      for (const each of rule.querySelectorAll('li.finding')) {
        const text = `${name} ${each.textContent}`.toLowerCase();
        each.hidden = !words.every((word) => text.includes(word));
        if (!each.hidden) { some = true; ++left; }
      }
      rule.hidden = !some;
      if (words.length > 0) rule.open = some;
    }
    shown.textContent = words.length === 0 ? '' : `${left} of ${all} shown`;
  };
}

export function findings({ findings: found }) {
  if (found.length === 0) return section('findings', 'Findings', h('p', {}, 'None.'));
  const all = named(found);
  const byRule = new Map();
  for (const each of all) {
    if (!byRule.has(each.rule)) byRule.set(each.rule, []);
    byRule.get(each.rule).push(each);
  }
  const groups = [...byRule];
  groups.sort(([, a], [, b]) => kSeverities.indexOf(a[0].severity) - kSeverities.indexOf(b[0].severity) || b.length - a.length);
  const list = h('div', {}, groups.map(group));
  const toggle = h('button', { type: 'button', onclick: () => {
    const open = !list.querySelector('details').open;
    for (const details of list.querySelectorAll('details')) details.open = open;
    toggle.textContent = open ? 'Close all' : 'Open all';
  } }, 'Open all');
  const shown = h('span', { class: 'quiet', role: 'status' });
  return section('findings', 'Findings',
    h('p', {}, `${count(all.length, 'finding')} of ${count(groups.length, 'rule')}. `, toggle),
    h('p', {}, h('label', { for: 'find' }, 'Find '),
      h('input', { id: 'find', type: 'search', placeholder: 'rule, step, file, word', oninput: filter(list, shown, all.length) }), ' ', shown), list);
}
