// What a reviewer does with the page, in a real browser.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch, open, report, source } from './browser.mjs';
import { hostilePlan, kHostileNames } from './hostile.mjs';

const kSystems = ['call-sid', 'voxflow', 'voxanne', 'rose'];
const kMost = 1_500_000;  // bytes of a page
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
let browser;

before(async () => { browser = await launch(); });
after(() => browser.close());

const focused = (page) => page.evaluate(() => ({
  text: document.activeElement.textContent, column: document.activeElement.closest('td')?.cellIndex, row: document.activeElement.closest('tr')?.rowIndex,
}));

const shownUntil = (page, last) => page.$eval(last, (each) => Math.ceil(each.getBoundingClientRect().bottom) + 16);

async function violations(page) {
  await page.evaluate(axe);
  const result = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return result.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 200)} ${nodes[0].failureSummary}`);
}

/// Every cell of the matrix opens a run that says the cell's verdict, and Escape gives the focus back.
async function clickCells(page) {
  const cells = await page.$$('.matrix .cell:not(.none) button');
  assert.ok(cells.length > 0, 'the matrix has cells');
  for (const cell of cells) {
    const word = (await cell.evaluate((each) => each.textContent)).replace('*', '');
    await cell.evaluate((each) => each.scrollIntoView({ block: 'center', inline: 'center' }));
    await cell.click();
    assert.equal(await page.$eval('dialog[open] h3 .badge', (each) => each.textContent), word);
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => !document.querySelector('dialog'), { timeout: 5000 });
    assert.ok(await cell.evaluate((each) => document.activeElement === each), 'the cell has the focus again');
  }
}

/// The top of the page for docs/images: of each system at 1440 in light colours, of the first one at every width in both.
async function picture(page, system, width, dark) {
  const standard = width === 1440 && !dark;
  if (!standard && system !== kSystems[0]) return;
  const name = standard ? system : `${system}-${width}-${dark ? 'dark' : 'light'}`;
  const height = Math.min(await shownUntil(page, '.legend'), 1600);
  await page.screenshot({ path: join(source, `docs/images/report-${name}.png`), clip: { x: 0, y: 0, width, height } });
}

for (const system of kSystems) {
  test(`${system}: opens at every width, light and dark, without a complaint`, async () => {
    const { file } = report(`plans/${system}/plan.yaml`, `${system}.html`);
    assert.ok(statSync(file).size < kMost, `${statSync(file).size} bytes`);
    for (const width of [390, 900, 1440]) {
      for (const dark of [false, true]) {
        const { page, complaints } = await open(browser, file, { width, dark });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= width, `at ${width} the page is ${wide} wide`);
        const cut = await page.$$eval('header *, nav *, #verdict *', (all) => all.filter((each) => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX !== 'visible').length);
        assert.equal(cut, 0, `at ${width} text of the top is cut`);
        const hidden = await page.$$eval('body *', (all) => all.filter((each) => each.clientWidth > 1 && each.scrollWidth > each.clientWidth + 1 && ['hidden', 'clip'].includes(getComputedStyle(each).overflowX)).map((each) => each.textContent));
        assert.deepEqual(hidden, [], `at ${width} text is cut`);
        await page.screenshot({ path: `${system}-${width}-${dark ? 'dark' : 'light'}.png`, fullPage: true });
        if (process.env.BACKOUT_UPDATE) await picture(page, system, width, dark);
        assert.deepEqual(await violations(page), [], `at ${width}, ${dark ? 'dark' : 'light'}`);
        assert.deepEqual(complaints, []);
        await page.close();
      }
    }
  });

  test(`${system}: each cell opens its run`, async () => {
    const { page, complaints } = await open(browser, report(`plans/${system}/plan.yaml`, `${system}.html`).file);
    await clickCells(page);
    assert.deepEqual(complaints, []);
    await page.close();
  });
}

test('answers, without a click, whether, how long, what is lost, why and what to do first', async () => {
  const { page } = await open(browser, report('plans/call-sid/plan.yaml', 'answers.html').file);
  const shown = await page.$eval('#verdict', (each) => each.innerText);
  for (const answer of ["after 'code' to after 'watch'", "'code' is the point of no return", 'conversation_id of a row']) {
    assert.ok(shown.includes(answer), `${answer} in: ${shown}`);
  }
  assert.deepEqual(await page.$$eval('.answers dt', (all) => all.map((each) => each.textContent)),
    ['Can we roll back?', 'How long does it take?', 'What is lost?', 'Why?', 'What to do first?']);
  assert.equal(await page.$eval('.answer.no .headline', (each) => each.textContent), 'Not once it is done');
  const paths = await page.$$eval('.answers tbody tr', (all) => all.map((each) => [...each.children].map((cell) => cell.textContent)));
  assert.deepEqual(paths.map(([path]) => path), ['full', 'checklist', 'full_dummy_ids', 'code_only', 'webhook_only']);
  assert.match(paths[0][1], /^at least 2h/);
  const first = await page.$$eval('.answers li', (all) => all.map((each) => [each.querySelector('a').hash, each.textContent]));
  assert.equal(first.length, 3);
  assert.equal(new Set(first.map(([, text]) => text.slice(text.indexOf(': ')))).size, 3, 'each mend once');
  for (const [hash] of first) assert.ok(await page.evaluate((id) => document.getElementById(id), decodeURIComponent(hash.slice(1))), hash);
  const meaning = await page.$$eval('.legend div', (all) => all.map((each) => each.textContent));
  assert.ok(meaning.some((each) => each.startsWith('STUCK') && each.includes('does not get through')), 'the words of the matrix are explained');
  assert.match(await page.$eval('#graph .limit', (each) => each.textContent), /point of no return.*after 'code'/);
  await page.close();
});

test('is usable from the keyboard alone', async () => {
  const { page, complaints } = await open(browser, report('plans/call-sid/plan.yaml', 'keys.html').file);
  await page.keyboard.press('Tab');
  assert.equal((await focused(page)).text, 'Skip to the verdict');
  const first = await page.$('.matrix button[tabindex="0"]');
  await first.focus();
  const start = await focused(page);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  const moved = await focused(page);
  assert.deepEqual([moved.column, moved.row], [start.column + 1, start.row + 1]);
  await page.keyboard.press('Enter');
  assert.ok(await page.$('dialog[open] .timeline .event.end'));
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !document.querySelector('dialog'), { timeout: 5000 });
  assert.deepEqual(await focused(page), moved);
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.closest('.matrix')), null, 'one Tab leaves the matrix');
  await page.$eval('svg.graph', (each) => each.focus());
  await page.keyboard.press('+');
  assert.match(await page.$eval('svg.graph > g', (each) => each.getAttribute('transform')), /scale\(1\.[0-9]+\)/);
  assert.deepEqual(complaints, []);
  await page.close();
});

test('the slider says which rule fires', async () => {
  const { page } = await open(browser, report('plans/voxanne/plan.yaml', 'slider.html').file);
  const says = () => page.$eval('.decision', (each) => each.textContent);
  assert.match(await says(), /^No rule fires/);
  const slider = await page.$('input[name=error_rate]');
  await slider.focus();
  await page.keyboard.press('End');
  assert.match(await says(), /^must roll back, by errors_high/);
  assert.equal(await page.$eval('tr.firing th', (each) => each.textContent), 'errors_high');
  await page.$eval('#since', (each) => { each.value = 11; each.dispatchEvent(new Event('input')); });
  assert.match(await says(), /^No rule fires/, 'the rule holds for ten minutes after the deploy');
  await page.keyboard.press('Home');
  await page.select('#choose-issue', 'dashboard_slow');
  await (await page.$('input[name=users_affected]')).focus();
  await page.keyboard.press('ArrowRight');
  assert.match(await says(), /^monitor, by .*m_dashboard/);
  await page.close();
});

/// The name as reports show it: what turns or breaks text is written out.
const visible = (name) => name.replace(/[\u202a-\u202e\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`);

test('hostile names are shown and do nothing', async () => {
  const { file, text } = report(hostilePlan(), 'hostile.html');
  assert.equal(text.match(/<\/script/gi).length, 2, 'only the page ends its script elements');
  const { page, complaints } = await open(browser, file);
  const shown = await page.evaluate(() => document.body.textContent);
  for (const name of kHostileNames) assert.ok(shown.includes(visible(name)), `${visible(name)} is shown`);
  assert.equal(await page.$('main script, main img, main b'), null);
  await clickCells(page);
  assert.equal(await page.evaluate(() => window.harmed), undefined);
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(complaints, []);
  await page.close();
});

test('prints what is folded away', async () => {
  const { page } = await open(browser, report('plans/rose/plan.yaml', 'print.html').file);
  const folded = () => page.$$eval('main details:not([open])', (all) => all.length);
  const before = await folded();
  assert.ok(before > 0);
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  assert.equal(await folded(), 0);
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  assert.equal(await folded(), before);
  await page.close();
});

test('prints all of a wide matrix', async () => {
  const width = 1040;  // A4, landscape
  const { page } = await open(browser, report('plans/voxanne/plan.yaml', 'wide.html').file, { width });
  await page.emulateMediaType('print');
  const right = await page.$eval('table.matrix', (each) => each.getBoundingClientRect().right);
  assert.ok(right <= width, `the table ends at ${right}`);
  await page.close();
});

test('reads without its script', async () => {
  const { file } = report('plans/call-sid/plan.yaml', 'plain.html');
  const page = await browser.newPage();
  await page.setJavaScriptEnabled(false);
  await page.goto(`file://${file}`);
  const shown = await page.$eval('main', (each) => each.innerText);
  for (const text of ['It can be rolled back only from some places', "Point of no return: step 'code', once live traffic has written. ", 'Exhaustive: ', 'undo-conditional', 'plans/call-sid/plan.yaml:74:12']) {
    assert.ok(shown.includes(text), `${text} in: ${shown.slice(0, 400)}`);
  }
  for (const width of [390, 900, 1440]) {
    await page.setViewport({ width, height: 900 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= width, `at ${width} the page is ${wide} wide`);
  }
  const cells = await page.$$eval('main .scroll:first-of-type tr', (rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent)));
  assert.deepEqual(cells[0], ['The deploy stops', 'full', 'checklist', 'full_dummy_ids', 'code_only', 'webhook_only']);
  assert.deepEqual(cells.find(([place]) => place === "after 'code'"), ["after 'code'", 'DATA LOST', 'STUCK', 'DATA LOST', 'INCOMPATIBLE', '-']);
  await page.close();
  assert.match(report('plans/voxflow/plan.yaml', 'plain-voxflow.html').text, /<p>\* only when one more thing goes wrong/);
  const hostile = report(hostilePlan(), 'plain-hostile.html').text;
  assert.equal(hostile.match(/<\/noscript/gi).length, 1, 'only the page ends its plain part');
  const plain = hostile.slice(hostile.indexOf('<noscript>'), hostile.indexOf('</noscript>'));
  assert.equal(plain.match(/<(script|img|b|iframe)\b/i), null, 'no name of the plan is an element');
});

test('findings are found by words, and have addresses', async () => {
  const { file } = report('plans/call-sid/plan.yaml', 'find.html');
  const { page, complaints } = await open(browser, file);
  const all = await page.$$eval('li.finding', (each) => each.length);
  await page.type('#find', "undo-conditional u004");
  const left = await page.$$eval('li.finding', (each) => each.filter((one) => one.checkVisibility()).map((one) => one.id));
  assert.ok(left.length > 0 && left.length < all, `${left.length} of ${all}`);
  assert.equal(await page.$eval('#findings [role=status]', (each) => each.textContent), `${left.length} of ${all} shown`);
  await page.$eval('#find', (each) => { each.value = ''; each.dispatchEvent(new Event('input')); });
  assert.equal(await page.$$eval('li.finding', (each) => each.filter((one) => one.hidden).length), 0);
  assert.equal(await page.$eval(`#${left[0]} .permalink`, (each) => each.getAttribute('href')), `#${left[0]}`);
  await page.close();
  const linked = await open(browser, `${file}#${left[0]}`);
  assert.ok(await linked.page.$eval(`#${left[0]}`, (each) => each.closest('details').open && each.checkVisibility()), 'the finding is shown');
  await linked.page.close();
  assert.deepEqual(complaints, []);
});

test('a cell has an address that opens its run', async () => {
  const { file } = report('plans/call-sid/plan.yaml', 'cell.html');
  const { page } = await open(browser, file);
  const id = await page.$eval('.matrix .cell:not(.none) button', (each) => { each.click(); return each.id; });
  const title = await page.$eval('dialog h3', (each) => each.textContent);
  assert.equal(await page.evaluate(() => location.hash), `#${id}`);
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !document.querySelector('dialog'), { timeout: 5000 });
  assert.equal(await page.evaluate(() => location.hash), '');
  await page.close();
  const linked = await open(browser, `${file}#${id}`);
  assert.equal(await linked.page.$eval('dialog[open] h3', (each) => each.textContent), title);
  await linked.page.close();
});

test('several plans open on an overview', async () => {
  const { file } = report('plans/call-sid/plan.yaml', 'several.html', 'plans/rose/plan.yaml', 'plans/call-sid/mended.yaml');
  const { page, complaints } = await open(browser, file, { width: 900 });
  const rows = await page.$$eval('#overview tbody tr', (all) => all.map((row) => [...row.cells].map((cell) => cell.textContent)));
  assert.equal(rows.length, 3);
  assert.deepEqual(rows.map((row) => row[1]), ['Not once it is done', 'No, it cannot be rolled back', 'Yes, it can be rolled back']);
  assert.deepEqual(rows.map((row) => Number(row[4]) > 0), [true, true, false]);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 900);
  assert.deepEqual(await violations(page), []);
  const titled = (pattern) => page.waitForFunction((source) => new RegExp(source, 'i').test(document.title), { timeout: 5000 }, pattern.source);
  await page.click('#overview tbody tr:nth-child(2) a');
  await titled(/rose/);
  // Links of a plan stay in it, an address without a number is the first plan's, and a bad one shows all of them.
  const links = await page.$$eval('nav.contents a, #verdict a', (all) => all.map((each) => each.getAttribute('href')));
  assert.ok(links.every((each) => each.startsWith('#2.')), `${links}`);
  await page.click('nav.contents a[href="#2.findings"]');
  assert.match(await page.title(), /rose/i);
  await page.evaluate(() => { location.hash = 'findings'; });
  await titled(/call/);
  await page.evaluate(() => { location.hash = '0.findings'; });
  await titled(/call/);
  await page.evaluate(() => { location.hash = '%'; });
  await page.evaluate(() => { location.hash = '9.findings'; });
  await page.waitForSelector('#overview');
  await page.select('#choice', '1');
  await titled(/rose/);
  await page.select('#choice', '-1');
  await page.waitForSelector('#overview');
  await page.goBack();
  await titled(/rose/);
  await page.close();
  const linked = await open(browser, `${file}#3.findings`);
  assert.match(await linked.page.$eval('#choice', (each) => each.selectedOptions[0].textContent), /mended/);
  await linked.page.close();
  const nowhere = await open(browser, `${file}#9.findings`);
  assert.ok(await nowhere.page.$('#overview'));
  await nowhere.page.close();
  assert.deepEqual([...complaints, ...linked.complaints, ...nowhere.complaints], []);
});

/// A plan of `count` steps, each of which waits for the one before it, half of them those of the rollback.
function longPlan(count) {
  const numbers = Array.from({ length: count / 2 }, (_, i) => i);
  const set = (i, id, more) => `    - {id: ${id}${i}, do: set, target: conf, key: k${i % 5}, value: "${i}", takes: ${1 + (i % 7)}m${more}}\n`;
  const file = join(mkdtempSync(join(tmpdir(), 'backout-long-')), 'plan.yaml');
  writeFileSync(file, `backout: 1\nname: long\nservices:\n  conf: {kind: config, items: {k: "0"}}\ndeploy:\n  steps:\n${
    numbers.map((i) => set(i, 's', `, undo: u${i}`)).join('')}rollback:\n  steps:\n${numbers.reverse().map((i) => set(i, 'u', '')).join('')}`);
  return file;
}

test('a plan of 10,000 steps opens in seconds, its graph folded', async () => {
  const { file } = report(longPlan(10000), 'long.html', '--no-search', '--runs', '0');
  const { page, complaints } = await open(browser, file);
  const drawn = await page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))); }));
  assert.ok(drawn < 3000, `drawn after ${drawn} ms`);
  const nodes = () => page.$$eval('#graph .pair > :first-child .node', (all) => all.map((each) => each.textContent));
  const folded = await nodes();
  assert.equal(folded.length, 120);
  assert.equal(folded[1], 's42 … s83: 42 stepss42 … s8342 steps');
  await (await page.$$('#graph .node.many'))[1].click();
  const open42 = await nodes();
  assert.deepEqual([open42.length, open42[0]], [42, 's42: set confs42set conf']);
  await page.select('#graph .pair > :first-child select', '-1');
  assert.deepEqual(await nodes(), folded);
  assert.equal(await page.$$eval('#gantt .bar-of', (all) => all.length), 300);
  // Rows are made when somebody opens them, or prints.
  assert.equal(await page.$$eval('#graph tr, #gantt tr', (all) => all.length), 0);
  await page.click('#graph summary');
  await page.waitForFunction(() => document.querySelectorAll('#graph tbody tr').length === 10000, { timeout: 30000 });
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  assert.equal(await page.$$eval('#gantt tbody tr', (all) => all.length), 5000);
  await page.close();
  assert.deepEqual(complaints, []);
});

test('a cell of a row that is folded away has an address, too', async () => {
  const { file } = report('plans/call-sid/plan.yaml', 'folded.html');
  const { page, complaints } = await open(browser, `${file}?from=mail`);
  const drawn = await page.$$eval('.matrix .cell button', (all) => all.map((each) => each.id));
  await page.click('#matrix .switch input');
  const hidden = (await page.$$eval('.matrix .cell:not(.none) button', (all) => all.map((each) => each.id))).find((id) => !drawn.includes(id));
  assert.ok(hidden, 'some rows are folded');
  await page.close();
  const linked = await open(browser, `${file}?from=mail#${hidden}`);
  assert.ok(await linked.page.$('dialog[open]'));
  await linked.page.keyboard.press('Escape');
  await linked.page.waitForFunction(() => !document.querySelector('dialog'), { timeout: 5000 });
  assert.equal(await linked.page.evaluate(() => location.search + location.hash), '?from=mail');
  assert.equal(await linked.page.evaluate(() => document.activeElement.id), hidden);
  await linked.page.close();
});

test('shows what became of the plan since a commit', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'backout-since-'));
  const git = (...words) => execFileSync('git', ['-C', folder, '-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false', ...words]);
  const file = join(folder, 'plan.yaml');
  const plan = (undo) => `backout: 1
services: {db: {kind: postgres, tables: {t: {rows: 2, columns: {id: bigserial primary key, old: text}}}}}
deploy: {steps: [{id: add, do: sql, target: db, text: "ALTER TABLE t ADD COLUMN c int", takes: 1m}]}
rollback:
  paths: {full: {steps: [back], full: true}}
  steps: [{id: back, do: sql, target: db, text: "${undo}", takes: 1m, verify: {sql: "SELECT 1", on: db, expect: 1}}]
`;
  writeFileSync(file, plan('ALTER TABLE t DROP COLUMN c'));
  git('init', '--quiet');
  git('add', '--all');
  git('commit', '--quiet', '--message', 'A commit');
  writeFileSync(file, plan('ALTER TABLE t DROP COLUMN old'));
  const { page, complaints } = await open(browser, report(file, 'since.html', '--since', 'HEAD').file, { width: 900 });
  assert.match(await page.$eval('header', (each) => each.innerText), /[0-9a-f]{12} of \d{4}-\d\d-\d\d, with changes that are not committed/);
  assert.equal(await page.$eval('#change h2', (each) => each.textContent), 'Since HEAD');
  const cells = await page.$$eval('#change tbody tr', (rows) => rows.map((row) => [...row.cells].slice(0, 4).map((each) => each.textContent)));
  assert.deepEqual(cells.filter(([place]) => place === "after 'add'"), [["after 'add'", 'full', 'RESTORED', 'DATA LOST']]);
  assert.ok(await page.$('#change li .badge.error'), 'a new error is listed');
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 900);
  assert.deepEqual(await violations(page), []);
  assert.deepEqual(complaints, []);
  await page.close();
});
