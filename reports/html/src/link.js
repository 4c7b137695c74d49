// Addresses within the page: of a plan, a section, a finding, a cell. `#2.cell-3-1` is a cell of the second plan.
import { h } from './dom.js';

let plan = 0;

/// Names are of this plan from now on.
export function inPlan(chosen) { plan = chosen; }

/// The name of a part of the plan that is shown.
export const mark = (part) => (plan === 0 ? part : `${plan + 1}.${part}`).replace(/[^\w.-]/g, '-');

/// A link to a part, for copying.
export const link = (id, what) => h('a', { class: 'permalink', href: `#${id}`, 'aria-label': `link to this ${what}`, title: 'link to this' }, '¶');

/// Which plan an address is about, and the id in it. Sections have the ids of any plan.
export function addressed(hash) {
  const id = decodeURIComponent(hash.slice(1));
  const [, number, part] = id.match(/^(\d+)\.(.*)$/) ?? [];
  return number === undefined ? { plan: null, id, part: id } : { plan: Number(number) - 1, id, part };
}

/// Shows what the address names: what is folded opens, a cell shows its run.
export function go(id, part) {
  const target = document.getElementById(id) ?? document.getElementById(part);
  if (!target) return;
  for (let each = target.parentElement; each; each = each.parentElement) if (each.tagName === 'DETAILS') each.open = true;
  target.scrollIntoView({ block: 'start' });
  if (target.matches('.cell button')) target.click();
}
