// Elements. Text of a plan only ever becomes a text node or an attribute's value, never markup.

const kSvg = 'http://www.w3.org/2000/svg';

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'style') for (const [key, each] of Object.entries(value)) element.style.setProperty(key, each);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return element;
}

/// An HTML element; children are nodes or texts, in any nesting of arrays.
export const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);

/// An SVG element.
export const s = (tag, attributes, ...children) => fill(document.createElementNS(kSvg, tag), attributes, children);

/// A text of the plan that keeps its own direction: right-to-left names do not reorder what stands around them.
export const name = (text, attributes) => h('bdi', attributes, text);

/// A name that may go on in the next line behind each underscore.
export const breakable = (text) => name(text.split(/(?<=_)/).flatMap((part) => [part, h('wbr')]));

/// A section of the page with its heading, for the table of contents.
export function section(id, title, ...children) {
  return h('section', { id, 'aria-labelledby': `${id}-title` }, h('h2', { id: `${id}-title` }, title), children);
}

/// Details under a summary; many rows are made when somebody opens them.
export function later(summary, rows, make) {
  const kMany = 500;
  if (rows <= kMany) return h('details', {}, h('summary', {}, summary), make());
  const details = h('details', {}, h('summary', {}, summary));
  details.addEventListener('toggle', () => details.append(make()), { once: true });
  return details;
}

/// A table: heads are texts, rows lists of cells; the first cell of a row is its header.
export function table(caption, heads, rows) {
  return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    h('table', {}, h('caption', { class: 'quiet' }, caption),
      h('thead', {}, h('tr', {}, heads.map((head) => h('th', { scope: 'col' }, head)))),
      h('tbody', {}, rows.map((row) => h('tr', {}, row.map((cell, i) => (i === 0 ? h('th', { scope: 'row' }, cell) : h('td', {}, cell))))))));
}
