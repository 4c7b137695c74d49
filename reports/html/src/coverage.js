// How much was looked at, what was not, and how to get this page again.
import { h, section, table } from './dom.js';
import { count } from './words.js';

const kLevels = {
  exhaustive: 'Exhaustive: every order, outcome, fault and write within these limits was tried.',
  bounded: 'Bounded: a limit was reached before everything was tried.',
  sampled: 'Sampled: some runs were tried, not all.',
};

const kFaults = {
  fail: 'a step fails and does nothing', fail_applied: 'a step does its work and reports failure', half: 'a step stops half way',
  killed: 'the run is killed and resumed', late: 'an effect lands after its undo ran', second_run: 'a step runs twice',
  timeout_applied: 'no answer, the work was done', timeout_none: 'no answer, nothing was done',
  lying_ok: 'a step reports success and does nothing', lying_check: 'a step does nothing, and its check passes',
  down: 'a service does not answer, however often it is tried', gone: 'a copy or an image is gone',
  corrupt: 'a copy is damaged', stale: 'a copy is from before the deploy', wrong_format: 'a copy is of a format that its tool does not read',
  connected: 'somebody else is connected to the database', cached: 'a cache hides a change', lingering: 'an instance of the old version goes on serving',
  unhealthy: 'an app runs and does not serve',
};

export function coverage({ completeness }) {
  if (!completeness) return section('coverage', 'Coverage', h('p', {}, 'The rollback matrix was not explored: only the rules ran.'));
  const faults = Object.entries(completeness.faults);
  const most = Math.max(1, ...faults.map(([, fired]) => fired));
  return section('coverage', 'Coverage',
    h('p', {}, kLevels[completeness.level], completeness.bound && ` Bound: ${completeness.bound}.`),
    h('p', {}, `${count(completeness.states, 'state')}, ${count(completeness.transitions, 'transition')}; at most `,
      `${count(completeness.faults_at_once, 'fault')} and ${count(completeness.traffic_at_once, 'write')} of live traffic in one run.`),
    table('How often each fault fired', ['Fault', 'What it does', 'Fired'], faults.map(([kind, fired]) => [
      h('code', {}, kind), kFaults[kind] ?? '',
      h('span', { class: 'bar' }, h('span', { class: 'fill', style: { width: `${(fired / most) * 100}%` } }),
        h('span', {}, fired === 0 ? 'never: nothing in this plan lets it happen' : fired.toLocaleString('en')))])),
    completeness.unchecked.length > 0 && [
      h('h3', {}, 'Not checked'), h('p', {}, 'Only a person or a command can tell; these were taken to pass.'),
      h('ul', {}, completeness.unchecked.map((each) => h('li', { dir: 'auto' }, each)))]);
}

export function reproduce(plan, { backout, command }) {
  return section('reproduce', 'How to reproduce',
    h('pre', { class: 'excerpt', tabindex: '0', role: 'region', 'aria-label': 'Command line' }, command),
    h('p', {}, `With backout ${backout}. The same plan and version give the same verdict, on any machine.`));
}
