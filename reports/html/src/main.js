// Draws the report from the JSON in the page.
import { h, name } from './dom.js';
import { coverage, reproduce } from './coverage.js';
import { decisions } from './decisions.js';
import { findings } from './findings.js';
import { gantt } from './gantt.js';
import { graph } from './graph.js';
import { matrix } from './matrix.js';
import { times } from './times.js';
import { verdict } from './verdict.js';

const kSections = [verdict, matrix, times, gantt, graph, decisions, findings, coverage, reproduce];

function contents(sections) {
  return h('nav', { class: 'contents', 'aria-label': 'Contents' },
    h('ul', {}, sections.map((each) => h('li', {}, h('a', { href: `#${each.id}` }, each.querySelector('h2').textContent)))));
}

function draw(page, data, chosen) {
  const plan = data.plans[chosen];
  document.title = `Rollback report: ${plan.structure.name || plan.plan}`;
  const sections = kSections.map((make) => make(plan, data)).filter(Boolean);
  const choice = h('select', { id: 'choice', onchange: (event) => draw(page, data, Number(event.target.value)) },
    data.plans.map((each, i) => h('option', { value: i, selected: i === chosen }, each.plan)));
  page.replaceChildren(
    h('header', {}, h('p', { class: 'eyebrow' }, 'Rollback report'), h('h1', {}, name(plan.structure.name || plan.plan)),
      h('p', { class: 'quiet' }, name(plan.plan), ` · backout ${data.backout}`),
      data.plans.length > 1 && h('p', {}, h('label', { for: 'choice' }, 'Plan '), choice)),
    contents(sections), ...sections);
}

/// What is folded away on a screen is printed.
function openForPrinting() {
  addEventListener('beforeprint', () => {
    for (const details of document.querySelectorAll('main details:not([open])')) {
      details.dataset.folded = '';
      details.open = true;
    }
  });
  addEventListener('afterprint', () => {
    for (const details of document.querySelectorAll('details[data-folded]')) {
      delete details.dataset.folded;
      details.open = false;
    }
  });
}

draw(document.getElementById('page'), JSON.parse(document.getElementById('data').textContent), 0);
openForPrinting();
