// The answer: one sentence, then the questions behind it.
import { h, section } from './dom.js';
import { mark } from './link.js';
import { slug } from './words.js';

export const kHeadlines = {
  yes: 'Yes, it can be rolled back', 'unless-fault': 'Only if nothing else fails', doubtful: 'Not while errors stand against it', partly: 'Only from some places',
  no: 'No, it cannot be rolled back', unknown: 'Not known',
};

const sentence = (text) => (text ? `${text[0].toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}` : '');

export function verdict({ summary, findings }) {
  const counts = ['error', 'warning', 'note'].map((severity) => [severity, findings.filter((each) => each.severity === severity).length]);
  const rows = [
    ['Can we roll back?', summary.can], ['From where not?', summary.where || (summary.answer === 'doubtful' ? 'the search finds no such place' : 'it works from everywhere')],
    ['How long does it take?', summary.how_long], ['What is lost?', summary.lost], ['Why?', summary.why || 'nothing stands in its way'],
  ];
  return section('verdict', 'Verdict',
    h('div', { class: `answer ${slug(summary.answer)}` },
      h('p', { class: 'headline' }, kHeadlines[summary.answer]),
      h('p', { class: 'sentence', dir: 'auto' }, summary.sentence)),
    h('dl', { class: 'answers' }, rows.map(([question, answer]) => h('div', {}, h('dt', {}, question), h('dd', { dir: 'auto' }, sentence(answer))))),
    h('p', { class: 'quiet' }, counts.map(([severity, n]) => `${n} ${severity}${n === 1 ? '' : 's'}`).join(', '), ' in the plan: see ',
      h('a', { href: `#${mark('findings')}` }, 'Findings'), '.'));
}
