// How long a page takes to draw: node draw_time.mjs PAGE, five times.
import { statSync } from 'node:fs';
import puppeteer from 'puppeteer-core';

const file = process.argv[2];
const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] });
const times = [];
for (let i = 0; i < 5; ++i) {
  const page = await browser.newPage();
  await page.setViewport({ width: 1440, height: 900 });
  await page.goto(`file://${file}`);
  // The second frame after the load event is on the screen.
  times.push(await page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))); })));
  await page.close();
}
await browser.close();
times.sort((a, b) => a - b);
console.log(`page of ${Math.round(statSync(file).size / 1024)} KB: drawn after ${Math.round(times[2])} ms (median of 5; ${Math.round(times[0])} to ${Math.round(times[4])})`);
