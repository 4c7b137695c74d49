// A page of backout in a headless Chromium that notes everything a page must not do.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';

export const source = process.env.BACKOUT_SOURCE;
const folder = mkdtempSync(join(tmpdir(), 'backout-page-'));

/// The page that `backout report` writes for a plan; its exit status says what was found, not whether it wrote.
export function report(plan, output, ...options) {
  const file = join(folder, output);
  try {
    execFileSync(process.env.BACKOUT, ['report', plan, '--output', file, ...options], { cwd: source, stdio: 'pipe' });
  } catch (error) {
    if (error.status !== 1 && error.status !== 4) throw new Error(`backout report ${plan}: ${error.status}: ${error.stderr}`);
  }
  return { file, text: readFileSync(file, 'utf8') };
}

export function launch() {
  return puppeteer.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/// Opens the file; `complaints` gathers errors, dialogs, and requests for anything but the file itself.
export async function open(browser, file, { width = 1440, dark = false } = {}) {
  const page = await browser.newPage();
  const complaints = [];
  page.on('console', (message) => { if (['error', 'warn'].includes(message.type())) complaints.push(message.text()); });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', (dialog) => { complaints.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on('request', (request) => { if (request.url() !== `file://${file}`) complaints.push(`request: ${request.url()}`); });
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }]);
  await page.goto(`file://${file}`);
  return { page, complaints };
}
