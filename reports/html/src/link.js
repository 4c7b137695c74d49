// Addresses within the page: of a plan, a section, a finding, a cell. `#2.cell-3-1` is a cell of the second plan.
import { h } from './dom.js';

let plan = 0;

/// Names are of this plan from now on.
export function inPlan(chosen) { plan = chosen; }

/// The name of a part of the plan that is shown.
export const mark = (part) => (plan === 0 ? part : `${plan + 1}.${part}`).replace(/[^\w.-]/g, '-');

/// A link to a part, for copying.
export const link = (id, what) => h('a', { class: 'permalink', href: `#${id}`, 'aria-label': `link to this ${what}`, title: 'link to this' }, '¶');

/// Which plan an address is about, and the part in it: without a number it is the first plan. The page itself, and no address, are of none.
export function addressed(hash) {
  const id = hash.slice(1);
  const [, number, part] = id.match(/^([1-9]\d*)\.(.*)$/) ?? [];
  if (number !== undefined) return { plan: Number(number) - 1, part };
  return { plan: id === '' || id === 'page' ? null : 0, part: id };
}

/// The part of the plan that is shown; sections have the ids of any plan. A cell of a row that is folded away is drawn first.
function find(part) {
  const look = () => document.getElementById(mark(part)) ?? document.getElementById(part);
  if (!look() && part.startsWith('cell-')) document.querySelector('#matrix .switch input:not(:checked)')?.click();
  return look();
}

/// Shows what the address names: what is folded opens, a cell shows its run.
export function go(part) {
  const target = find(part);
  if (!target) return;
  for (let each = target.parentElement; each; each = each.parentElement) if (each.tagName === 'DETAILS') each.open = true;
  target.scrollIntoView({ block: 'start' });
  if (target.matches('.cell button')) target.click();
}
