// A time axis for drawings: round times at readable distances.
import { scaleLinear } from 'd3-scale';
import { s } from './dom.js';
import { time } from './words.js';

const kSteps = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800].map((seconds) => seconds * 1000);

/// From 0 to `high` milliseconds over [from, to] in drawing units.
export const timeScale = (high, from, to) => scaleLinear().domain([0, Math.max(high, 1000)]).range([from, to]);

export function ticks(scale) {
  const [, high] = scale.domain();
  const [from, to] = scale.range();
  const most = Math.max(2, (to - from) / 64);
  const step = kSteps.find((each) => high / each <= most) ?? high;
  return Array.from({ length: Math.floor(high / step) + 1 }, (_, i) => i * step);
}

/// The axis: grid lines over [top, bottom] and their times below.
export function timeAxis(scale, top, bottom) {
  return s('g', { class: 'axis', 'aria-hidden': 'true' }, ticks(scale).map((ms) => [
    s('line', { x1: scale(ms), x2: scale(ms), y1: top, y2: bottom }),
    s('text', { x: scale(ms), y: bottom + 14, 'text-anchor': 'middle' }, time(ms))]));
}
