// The answer: one sentence, then the questions behind it.
import { breakable, h, name, section } from './dom.js';
import { named } from './findings.js';
import { mark } from './link.js';
import { merged } from './times.js';
import { slug, time } from './words.js';

const kHeadlines = {
  yes: 'Yes, it can be rolled back', 'unless-fault': 'Only if nothing else fails', doubtful: 'Not while errors stand against it', partly: 'Only from some places',
  no: 'No, it cannot be rolled back', unknown: 'Not known',
};

/// Of a plan that works from some places: what becomes of the deploy that is done, and the colour for it.
const kFinished = {
  all: ['partly', 'Yes once it is done, but not from every place'], part: ['partly', 'Only a part of it once it is done'],
  none: ['no', 'Not once it is done'], unknown: ['unknown', 'Not known once it is done'],
  unoffered: ['no', 'No path is offered once it is done'],
};

export function headline({ answer, finished }) {
  const [colour, words] = (answer === 'partly' && kFinished[finished]) || [answer, kHeadlines[answer]];
  return { colour: slug(colour), words };
}

const sentence = (text) => (text ? `${text[0].toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}` : '');

const kSigns = { 'in time': '✓', 'TOO SLOW': '✗', 'no objective': '–' };

/// The path against its objective: what 95 % of the timed runs stay below, or the most that the plan says.
function pathRow(each) {
  const least = each.unestimated.length > 0 ? 'at least ' : '';
  const nobodyKnows = each.unestimated.length > 0 && each.high === 0;
  return h('tr', {}, h('th', { scope: 'row' }, breakable(each.path)),
    h('td', {}, nobodyKnows ? 'not known' : `${least}${time(each.buckets?.length > 0 ? each.p95 : each.high)}`),
    h('td', {}, each.objective ?? 'none'), h('td', { class: `sign is-${slug(each.verdict)}`, title: each.verdict, 'aria-label': each.verdict }, kSigns[each.verdict] ?? '?'));
}

function howLong(plan) {
  const rows = merged(plan);
  if (rows.length === 0) return sentence(plan.summary.how_long);
  return h('table', {}, h('thead', {}, h('tr', {}, ['Path', 'P95', 'Objective', 'In time'].map((head) => h('th', { scope: 'col' }, head)))),
    h('tbody', {}, rows.map(pathRow)));
}

/// The causes in order of harm, each mend once.
function whatFirst(plan) {
  if (plan.first.length === 0) return 'Nothing has to be mended.';
  const all = named(plan.findings);
  return h('ol', {}, plan.first.map((at) => h('li', {}, h('a', { href: `#${all[at].id}` }, all[at].rule), all[at].step && [' at ', name(all[at].step)], ': ', all[at].fix)));
}

export function verdict(plan) {
  const { summary, findings } = plan;
  const counts = ['error', 'warning', 'note'].map((severity) => [severity, findings.filter((each) => each.severity === severity).length]);
  const where = summary.where || (summary.answer === 'doubtful' ? 'the search finds no place from where it cannot' : 'it works from everywhere');
  const rows = [
    ['Can we roll back?', `${sentence(summary.can)} ${sentence(where)}`], ['How long does it take?', howLong(plan)],
    ['What is lost?', sentence(summary.lost)], ['Why?', sentence(summary.why || 'nothing stands in its way')], ['What to do first?', whatFirst(plan)],
  ];
  return section('verdict', 'Verdict',
    h('div', { class: `answer ${headline(summary).colour}` },
      h('p', { class: 'headline' }, headline(summary).words),
      h('p', { class: 'sentence', dir: 'auto' }, summary.sentence)),
    h('dl', { class: 'answers' }, rows.map(([question, answer]) => h('div', { class: typeof answer !== 'string' && 'wide' }, h('dt', {}, question), h('dd', { dir: 'auto' }, answer)))),
    h('p', { class: 'quiet' }, counts.map(([severity, n]) => `${n} ${severity}${n === 1 ? '' : 's'}`).join(', '), ' in the plan: see ',
      h('a', { href: `#${mark('findings')}` }, 'Findings'), '.'));
}
