// The run behind one cell of the matrix, step by step, in a dialog.
import { h, name } from './dom.js';
import { range, slug, time } from './words.js';

const kActors = {
  deploy: 'Deploy', interruption: 'Stop', traffic: 'Traffic', fault: 'Fault', rollback: 'Rollback', check: 'Check', end: 'Result',
};
const kMostChanges = 8;

function change(text) {
  const [, path, from, to] = text.match(/^(.*?): (.*) -> (.*)$/s) ?? [];
  if (path === undefined) return h('li', {}, text);
  return h('li', {}, h('span', { class: 'path' }, name(path)), ' ', h('del', {}, name(from)), ' → ', h('ins', {}, name(to)));
}

function changes(list) {
  if (list.length === 0) return null;
  const shown = list.length <= kMostChanges + 1 ? list : list.slice(0, kMostChanges);
  const rest = list.slice(shown.length);
  return [h('ul', { class: 'changes' }, shown.map(change)),
    rest.length > 0 && h('details', {}, h('summary', {}, `${rest.length} more changes`), h('ul', { class: 'changes' }, rest.map(change)))];
}

function line({ actor, step, text, changes: list }) {
  return h('li', { class: `event ${actor}` }, h('span', { class: 'actor' }, kActors[actor]),
    h('div', {}, h('p', { dir: 'auto' }, step && [h('strong', {}, name(step)), ' '], text), changes(list)));
}

/// Steps of the deploy that got through are one line: what they changed opens below it.
function scene(trace) {
  const done = trace.findIndex((each) => each.actor !== 'deploy' || each.text !== 'done');
  const before = done < 0 ? trace : trace.slice(0, done);
  if (before.length < 2) return trace.map(line);
  const opening = h('li', { class: 'event deploy' }, h('span', { class: 'actor' }, kActors.deploy),
    h('div', {}, h('p', {}, before.flatMap((each, i) => [i > 0 && ', ', h('strong', {}, name(each.step))]), ' done'),
      h('details', {}, h('summary', {}, 'what each of them changed'), h('ol', {}, before.map((each) =>
        h('li', {}, name(each.step), each.changes.length > 0 ? changes(each.changes) : h('span', { class: 'quiet' }, ' nothing')))))));
  return [opening, ...trace.slice(before.length).map(line)];
}

function facts(cell) {
  const spread = cell.unknown ? `at least ${time(cell.low)}; some steps have no estimate` : range(cell.low, cell.high);
  const half = cell.p95 !== null && `; half the timed runs within ${time(cell.p50)}, 95 % within ${time(cell.p95)}`;
  return h('dl', { class: 'facts' },
    cell.verdict !== cell.faultFree && [h('dt', {}, 'Without a fault'), h('dd', {}, cell.faultFree)],
    h('dt', {}, 'Time'), h('dd', {}, spread, half),
    cell.order?.length > 0 && [h('dt', {}, 'An order that works'), h('dd', {}, cell.order.flatMap((each, i) => [i > 0 && ' → ', name(each)]))],
    cell.residue.length > 0 && [h('dt', {}, 'Stays behind'), h('dd', {}, h('ul', {}, cell.residue.map((each) => h('li', { dir: 'auto' }, each))))]);
}

/// Opens the dialog; closing it (Escape, the button, a click beside it) gives the focus back to `opener`.
export function openTimeline(cell, label, plan, opener) {
  const trace = cell.trace();
  const dialog = h('dialog', { 'aria-labelledby': 'timeline-title' },
    h('div', { class: 'sheet' },
      h('button', { type: 'button', class: 'close', 'aria-label': 'Close', onclick: () => dialog.close() }, '×'),
      h('h3', { id: 'timeline-title' }, h('span', { class: `badge ${slug(cell.verdict)}` }, cell.verdict), ' by ', name(cell.path), ', ', name(label)),
      cell.reason && h('p', { class: 'reason', dir: 'auto' }, cell.reason), facts(cell),
      trace.length > 0 ? h('ol', { class: 'timeline' }, scene(trace))
        : h('p', {}, 'No run from here ends badly: everything that was tried gives the state back.')));
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
  // The address is that of the run while it is open.
  const before = location.hash === `#${opener.id}` ? '' : location.hash;
  const address = (hash) => history.replaceState(null, '', `${location.pathname}${location.search}${hash}`);
  if (opener.id) address(`#${opener.id}`);
  dialog.addEventListener('close', () => { dialog.remove(); opener.focus(); address(before); });
  document.body.append(dialog);
  dialog.showModal();
}
