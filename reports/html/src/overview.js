// Several plans at a glance: whether each can be rolled back, and what is wrong.
import { h, name, section, table } from './dom.js';
import { headline } from './verdict.js';

const number = (plan, severity) => plan.findings.filter((each) => each.severity === severity).length;

export function overview({ plans }) {
  const rows = plans.map((plan, i) => [
    h('a', { href: `#${i + 1}.page` }, name(plan.structure.name || plan.plan)),
    h('span', { class: `badge answer-${headline(plan.summary).colour}` }, headline(plan.summary).words),
    plan.summary.how_long, plan.summary.lost, number(plan, 'error'), number(plan, 'warning')]);
  return section('overview', 'All plans', table('One row a plan; its name opens it.', ['plan', 'can it be rolled back?', 'how long', 'what is lost', 'errors', 'warnings'], rows));
}
