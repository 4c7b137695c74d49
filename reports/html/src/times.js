// How long each path takes against its objective: the spread of many timed runs, or the plan's own ranges.
import { h, name, s, section, table } from './dom.js';
import { timeAxis, timeScale } from './axis.js';
import { range, slug, time } from './words.js';

const kRow = 46;
const kBins = 60;

/// Counts in bins of equal width over [0, high].
function binned(buckets, high) {
  const bins = new Array(kBins).fill(0);
  for (const [low, top, n] of buckets) bins[Math.min(kBins - 1, Math.floor(((low + top) / 2 / high) * kBins))] += n;
  return bins;
}

function spread(buckets, x, high, y) {
  const bins = binned(buckets, high);
  const most = Math.max(...bins);
  const tall = kRow - 14;
  return bins.map((n, i) => n > 0 && s('rect', { class: 'bin', x: x((i * high) / kBins), width: Math.max(1, x(high / kBins) - x(0) - 0.5),
    y: y + kRow - 4 - Math.max(1, (n / most) * tall), height: Math.max(1, (n / most) * tall) }));
}

function mark(ms, label, x, y, bottom) {
  return s('g', { class: 'mark' }, s('line', { x1: x(ms), x2: x(ms), y1: y + 8, y2: bottom }), s('text', { x: x(ms) + 3, y: y + 14 }, label));
}

function row(each, i, x, high) {
  const y = i * kRow + 4;
  const bottom = y + kRow - 4;
  const limit = each.limit !== undefined && [
    s('line', { class: 'limit', x1: x(each.limit), x2: x(each.limit), y1: y + 2, y2: bottom })];
  if (each.buckets?.length > 0) return [spread(each.buckets, x, high, y), mark(each.p95, `P95 ${each.unestimated.length > 0 ? 'at least ' : ''}${time(each.p95)}`, x, y, bottom), limit];
  return [s('rect', { class: `range ${slug(each.verdict)}`, x: x(each.low), width: Math.max(3, x(each.high) - x(each.low)), y: y + 14, height: kRow - 24, rx: 3 }),
    each.unestimated.length > 0 && s('text', { class: 'missing', x: x(each.high) + 6, y: y + kRow / 2 + 5 }, '+ ?'), limit];
}

function chart(rows, width) {
  const high = Math.max(...rows.flatMap((each) => [each.high, each.limit ?? 0, ...(each.buckets ?? []).map(([, top]) => top)])) * 1.04 || 1000;
  const left = Math.min(170, width * 0.3);
  const letters = Math.floor((left - 8) / 8.6);
  const x = timeScale(high, left, width - 24);
  const bottom = rows.length * kRow + 6;
  return s('svg', { class: 'chart', viewBox: `0 0 ${width} ${bottom + 20}`, width, height: bottom + 20, role: 'img', 'aria-label': 'Rollback time by path; the table below has its numbers' },
    timeAxis(x, 4, bottom),
    rows.map((each, i) => [s('text', { class: 'id', x: left - 8, y: i * kRow + 4 + kRow / 2 + 4, 'text-anchor': 'end' }, s('title', {}, each.path),
      each.path.length > letters ? `${each.path.slice(0, letters - 1)}…` : each.path), row(each, i, x, high)]));
}

/// What the plan, its timed runs and its objectives say of each path.
export function merged(plan) {
  return plan.times.map((row, i) => {
    const tally = plan.campaign?.paths[i];
    const limit = plan.structure.paths[i].objectives.find((each) => each.phase === 'total')?.limit;
    return { path: row.path, low: row.time_ms.min, high: row.time_ms.max ?? plan.structure.high[i], unestimated: row.unestimated, verdict: row.verdict,
      objective: row.objective, limit: limit && !limit.unknown ? limit.high : undefined, ...(tally ?? {}) };
  });
}

export function times(plan) {
  if (plan.times.length === 0) return null;
  const rows = merged(plan);
  const sampled = rows.some((each) => each.buckets?.length > 0);
  const width = Math.max(340, Math.min(1240, document.documentElement.clientWidth - 40));
  const heads = ['Path', 'From the plan', ...(sampled ? ['P50', 'P95', 'P99', 'In time'] : []), 'Objective', 'Verdict', 'Not estimated'];
  const percent = (share) => (share === null || share === undefined ? '–' : `${(share * 100).toFixed(1)} %`);
  return section('times', 'Time', h('p', {}, 'From the trigger to the last check. ', sampled
    ? 'The hills are timed runs from wherever the deploy stopped, in which nothing failed; 95 % of them end before the mark P95. The dashed line is the objective.'
    : 'A bar reaches from the least to the most that the plan says; the dashed line is the objective.'),
  h('div', { class: 'scroll' }, chart(rows, width)),
  table('Time by path', heads, rows.map((each) => [name(each.path), h('span', { class: 'nowrap' }, `${each.unestimated.length > 0 ? 'at least ' : ''}${range(each.low, each.high)}`),
    ...(sampled ? [each.buckets?.length ? time(each.p50) : '–', each.buckets?.length ? time(each.p95) : '–', each.buckets?.length ? time(each.p99) : '–', percent(each.in_time)] : []),
    each.objective ?? '–', h('span', { class: `badge ${slug(each.verdict)}` }, each.verdict),
    each.unestimated.flatMap((step, i) => [i > 0 && ', ', name(step)])])));
}
