// Draws the report from the JSON in the page.
import { h, name } from './dom.js';
import { coverage, reproduce } from './coverage.js';
import { decisions } from './decisions.js';
import { findings } from './findings.js';
import { gantt } from './gantt.js';
import { graph } from './graph.js';
import { addressed, go, inPlan } from './link.js';
import { matrix } from './matrix.js';
import { overview } from './overview.js';
import { times } from './times.js';
import { verdict } from './verdict.js';

const kSections = [verdict, matrix, times, gantt, graph, decisions, findings, coverage, reproduce];

function contents(sections) {
  return h('nav', { class: 'contents', 'aria-label': 'Contents' },
    h('ul', {}, sections.map((each) => h('li', {}, h('a', { href: `#${each.id}` }, each.querySelector('h2').textContent)))));
}

/// Which of several plans is shown, or all of them at a glance.
function choice(page, data, chosen) {
  const options = [h('option', { value: -1, selected: chosen < 0 }, `all ${data.plans.length} plans`),
    ...data.plans.map((each, i) => h('option', { value: i, selected: i === chosen }, each.plan))];
  return h('p', {}, h('label', { for: 'choice' }, 'Plan '),
    h('select', { id: 'choice', onchange: (event) => show(page, data, Number(event.target.value)) }, options));
}

function head(data, title, file, select) {
  return h('header', {}, h('p', { class: 'eyebrow' }, 'Rollback report'), h('h1', {}, name(title)),
    h('p', { class: 'quiet' }, file && [name(file), ' · '], `backout ${data.backout}`), select);
}

/// Draws the plan, or the overview for -1.
function show(page, data, chosen) {
  const select = data.plans.length > 1 && choice(page, data, chosen);
  if (chosen < 0) {
    document.title = 'Rollback report';
    page.replaceChildren(head(data, `${data.plans.length} plans`, null, select), overview(data, (plan) => show(page, data, plan)));
    return;
  }
  inPlan(chosen);
  const plan = data.plans[chosen];
  document.title = `Rollback report: ${plan.structure.name || plan.plan}`;
  const sections = kSections.map((make) => make(plan, data)).filter(Boolean);
  page.replaceChildren(head(data, plan.structure.name || plan.plan, plan.plan, select), contents(sections), ...sections);
}

/// What the address names; without one the only plan, or the overview.
function follow(page, data) {
  const { plan, id, part } = addressed(location.hash);
  const chosen = plan ?? (id || data.plans.length === 1 ? 0 : -1);
  if (chosen >= data.plans.length) return show(page, data, data.plans.length === 1 ? 0 : -1);
  show(page, data, chosen);
  if (part) go(id, part);
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

const page = document.getElementById('page');
const data = JSON.parse(document.getElementById('data').textContent);
follow(page, data);
// A link within what is shown is the browser's to follow; one to something else is drawn first.
addEventListener('hashchange', () => {
  const { plan, id, part } = addressed(location.hash);
  if (document.getElementById(id)) go(id, part);
  else if (plan !== null) follow(page, data);
});
openForPrinting();
