// Whether a condition of the decision table holds in a situation, and what the table then says: as the analyzer has it.

const kOps = {
  '<': (value, { value: than }) => value < than, '<=': (value, { value: than }) => value <= than,
  '>': (value, { value: than }) => value > than, '>=': (value, { value: than }) => value >= than,
  '=': (value, { value: than }) => value === than, between: (value, { value: low, high }) => value >= low && value < high,
};

/// True, false, or null: it depends on a threshold that the plan does not know. A situation is {values, issue, severity,
/// since}; a metric without a value is not beyond any threshold.
export function holds(condition, situation) {
  switch (condition.type) {
    case 'issue': return condition.name === situation.issue;
    case 'severity': return condition.name === situation.severity;
    case 'otherwise': return true;
    case 'all':
    case 'any': {
      const all = condition.type === 'all';
      let unknown = false;
      for (const part of condition.parts) {
        const value = holds(part, situation);
        if (value === null) unknown = true;
        else if (value !== all) return !all;
      }
      return unknown ? null : all;
    }
    default: break;
  }
  if (condition.value === null) return null;
  if (condition.within_minutes !== undefined && situation.since !== undefined && situation.since > condition.within_minutes) return false;
  const value = situation.values[condition.name];
  return value === undefined ? false : kOps[condition.op](value, condition);
}

/// {fired: numbers of the rules that hold, open: of those that may, decided: those that count under the hit policy,
/// state: 'gap' | 'conflict' | 'decided' | 'open'}.
export function decide(decisions, situation) {
  const states = decisions.rules.map((rule) => holds(rule.when, situation));
  const numbers = (value) => states.flatMap((each, i) => (each === value ? [i] : []));
  const fired = numbers(true);
  const open = numbers(null);
  const ordered = decisions.hit === 'first' || decisions.hit === 'priority';
  const decided = ordered ? fired.slice(0, 1) : fired;
  const words = new Set(decided.map((i) => `${decisions.rules[i].decide}|${decisions.rules[i].path}`));
  const state = words.size > 1 ? 'conflict' : fired.length > 0 ? 'decided' : open.length > 0 ? 'open' : 'gap';
  return { fired, open, decided, state };
}

/// Calls `visit` with every metric condition in `condition`.
export function eachMetric(condition, visit) {
  if (condition.type === 'metric') visit(condition);
  for (const part of condition.parts ?? []) eachMetric(part, visit);
}
