// Draws the report from the JSON in the page.
import { h, name } from './dom.js';
import { change } from './change.js';
import { coverage, reproduce } from './coverage.js';
import { decisions } from './decisions.js';
import { findings } from './findings.js';
import { gantt } from './gantt.js';
import { graph } from './graph.js';
import { addressed, go, inPlan, mark } from './link.js';
import { matrix } from './matrix.js';
import { overview } from './overview.js';
import { times } from './times.js';
import { verdict } from './verdict.js';

const kSections = [verdict, change, matrix, times, gantt, graph, decisions, findings, coverage, reproduce];

function contents(sections) {
  return h('nav', { class: 'contents', 'aria-label': 'Contents' },
    h('ul', {}, sections.map((each) => h('li', {}, h('a', { href: `#${mark(each.id)}` }, each.querySelector('h2').textContent)))));
}

/// Which of several plans is shown, or all of them at a glance.
function choice(data, chosen) {
  const options = [h('option', { value: -1, selected: chosen < 0 }, `all ${data.plans.length} plans`),
    ...data.plans.map((each, i) => h('option', { value: i, selected: i === chosen }, each.plan))];
  return h('p', {}, h('label', { for: 'choice' }, 'Plan '),
    h('select', { id: 'choice', onchange: (event) => { location.hash = Number(event.target.value) < 0 ? '' : `${Number(event.target.value) + 1}.page`; } }, options));
}

function head(data, title, file, commit, select) {
  return h('header', {}, h('p', { class: 'eyebrow' }, 'Rollback report'), h('h1', {}, name(title)),
    h('p', { class: 'quiet' }, file && [name(file), ' · '], commit && [name(commit), ' · '], `backout ${data.backout}`), select);
}

/// Draws the plan, or the overview for -1.
function show(page, data, chosen) {
  const select = data.plans.length > 1 && choice(data, chosen);
  if (chosen < 0) {
    document.title = 'Rollback report';
    page.replaceChildren(head(data, `${data.plans.length} plans`, null, null, select), overview(data));
    return;
  }
  inPlan(chosen);
  const plan = data.plans[chosen];
  document.title = `Rollback report: ${plan.structure.name || plan.plan}`;
  const sections = kSections.map((make) => make(plan, data)).filter(Boolean);
  page.replaceChildren(head(data, plan.structure.name || plan.plan, plan.plan, plan.commit, select), contents(sections), ...sections);
}

/// Follows the address, now and whenever it changes; what is shown is drawn once.
function follow(page, data) {
  const start = data.plans.length === 1 ? 0 : -1;
  let shown;
  const look = () => {
    const { plan, part } = addressed(location.hash);
    const chosen = plan === null ? (part ? shown ?? start : start) : plan < data.plans.length ? plan : start;
    if (chosen !== shown) show(page, data, chosen);
    shown = chosen;
    go(part);
  };
  look();
  addEventListener('hashchange', look);
}

/// What is folded away on a screen is printed.
function openForPrinting() {
  addEventListener('beforeprint', () => {
    for (const details of document.querySelectorAll('main details:not([open])')) {
      details.dataset.folded = '';
      details.open = true;
      details.dispatchEvent(new Event('toggle'));  // the browser says it only later
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
openForPrinting();
