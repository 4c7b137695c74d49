// Steps behind what they wait for. A plan may be a chain of thousands of steps: nothing here goes as deep as it is long.

/// All of them, each behind those before it; in their own order where that leaves a choice. A cycle cannot be: the loader refuses it.
export function inOrder(all, before) {
  const done = new Set();
  const order = [];
  for (const first of all) {
    const waiting = [first];
    while (waiting.length > 0) {
      const at = waiting.at(-1);
      const next = done.has(at) ? undefined : before(at).find((each) => !done.has(each));
      if (next !== undefined) {
        waiting.push(next);
        continue;
      }
      waiting.pop();
      if (!done.has(at)) order.push(at);
      done.add(at);
    }
  }
  return order;
}

/// They in at most `most` parts of neighbours, none of which waits for a later one.
export function parts(all, before, most) {
  if (all.length <= most) return all.map((each) => [each]);
  const order = inOrder(all, before);
  const size = Math.ceil(order.length / most);
  return Array.from({ length: Math.ceil(order.length / size) }, (_, i) => order.slice(i * size, (i + 1) * size));
}
