// How times, counts and verdicts read.

const kUnits = [['d', 86400000], ['h', 3600000], ['m', 60000], ['s', 1000]];

/// "1h30m", "5m", "250ms": as the tool's other reports say it.
export function time(ms) {
  if (ms < 1000) return ms === 0 ? '0s' : `${Math.round(ms)}ms`;
  let rest = ms >= 60000 ? Math.round(ms / 1000) * 1000 : Math.round(ms / 100) * 100;
  let text = '';
  for (const [unit, size] of kUnits) {
    const count = unit === 's' ? rest / size : Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= unit === 's' ? rest : count * size;
  }
  return text;
}

export const range = (low, high) => (low === high ? time(low) : `${time(low)} to ${time(high)}`);

export const count = (n, word) => `${n.toLocaleString('en')} ${word}${n === 1 ? '' : 's'}`;

/// The CSS class of a verdict or an answer.
export const slug = (words) => words.toLowerCase().replace(/[^a-z]+/g, '-');
