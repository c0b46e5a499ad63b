// The page at `/` in a real browser: today's cost with unit and period, interactions, keyboard, both colour schemes, small screens, nothing
// from another origin, no accessibility fault, and hostile strings in answers that stay text. Skipped with a line where there is no Chromium.
import { AxeBuilder } from '@axe-core/playwright';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand, scratchFolder, startUp, stopUp, type Started } from './installation.ts';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);
if (executablePath === undefined)
  console.log('skipped: no Chromium is installed, so the page is not looked at');

/** Files of pictures go here when it is set, for a person to look at. */
const pictures = process.env['PAGE_PICTURES'];

const HOSTILE = new URL('../../../shared/data/hostile.jsonl', import.meta.url);
const PLANTED = [
  '<script>window.pwned=1</script>',
  '<img src=x onerror="window.pwned=1">',
  '"><svg onload=window.pwned=1>',
  'javascript:window.pwned=1',
];

/** Script-injection strings: the published collection where it is there, a few of our own in any case. */
function hostileStrings(): string[] {
  if (!existsSync(HOSTILE)) {
    console.log('the published injection strings are not here: only the planted ones are tried');
    return PLANTED;
  }
  const lines = readFileSync(HOSTILE, 'utf8').trim().split('\n');
  const read = lines.map((line) => JSON.parse(line) as { corpus: string; base64: string });
  const xss = read.filter(({ corpus }) => corpus === 'xss');
  return [...PLANTED, ...xss.map(({ base64 }) => Buffer.from(base64, 'base64').toString('utf8'))];
}

const ROWS = 40;

function importFile(path: string): void {
  const strings = hostileStrings();
  const now = Date.now();
  const rows = Array.from({ length: ROWS }, (_, index) => {
    const mine = strings.filter((_text, position) => position % ROWS === index);
    return JSON.stringify({
      at: now - index * 10,
      model: mine[0]?.slice(0, 200) || 'model',
      provider: 'openai',
      prompt: mine[1]?.slice(0, 200) ?? '',
      end_user: mine[2]?.slice(0, 200) ?? '',
      error_message: mine[3]?.slice(0, 200) ?? '',
      cost_usd: '0.0125',
      usage: { input: 100, cache_read: 0, cache_write: 0, output: 20, reasoning: 0 },
      latency_ms: 321,
      request_payload: JSON.stringify({ messages: [{ role: 'user', content: mine.join('\n') }] }),
      response_payload: mine.join('\n'),
    });
  });
  writeFileSync(path, `${rows.join('\n')}\n`);
}

describe.skipIf(executablePath === undefined)('the page', () => {
  const folder = scratchFolder();
  let started: Started;
  let browser: Browser;

  beforeAll(async () => {
    started = await startUp(folder.path, ['--demo', '--port', '0', '--console-port', '0']);
    const file = join(folder.path, 'hostile-answers.jsonl');
    importFile(file);
    const imported = await runCommand(started.running.workspace, ['import', 'interactions', file]);
    expect(imported.code, imported.err).toBe(0);
    browser = await chromium.launch({
      executablePath: executablePath ?? '',
      args: ['--no-sandbox', '--disable-background-networking', '--disable-gpu'],
    });
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await stopUp(started);
    folder[Symbol.dispose]();
  }, 60_000);

  interface Opened {
    readonly context: BrowserContext;
    readonly page: Page;
    readonly faults: string[];
  }

  async function open(scheme: 'light' | 'dark', width = 1280): Promise<Opened> {
    const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    const faults: string[] = [];
    const origin = new URL(started.running.console).origin;
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('dialog', (dialog) => {
      faults.push(`a script opened a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== origin) faults.push(`request to ${request.url()}`);
    });
    await page.goto(started.running.console);
    await page.locator('#rows tr').first().waitFor();
    await page.locator('#breakdown:not([hidden])').waitFor();
    return { context, page, faults };
  }

  async function picture(page: Page, name: string): Promise<void> {
    if (pictures === undefined) return;
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: false });
  }

  for (const [scheme, width] of [
    ['light', 1280],
    ['dark', 1280],
    ['light', 390],
    ['dark', 390],
  ] as const)
    it(`shows cost with unit and period, without accessibility faults: ${scheme}, ${width} pixels`, async () => {
      const { context, page, faults } = await open(scheme, width);
      expect(await page.locator('#today-cost').textContent()).toMatch(/^US\$ 0\.50*$/);
      expect(await page.locator('#today-title').textContent()).toMatch(/Today .*\d{4}.*, \S+/);
      expect(await page.locator('#today-requests').textContent()).toBe(String(ROWS));
      const ground = await page.evaluate('getComputedStyle(document.body).backgroundColor');
      const bright = Number(/rgb\((\d+)/.exec(String(ground))?.[1]);
      expect(bright > 128).toBe(scheme === 'light');
      const wider = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      expect(wider, 'the page scrolls sideways').toBe(0);
      // Where the heads of columns are out of sight, each cost carries its unit itself.
      const unit = await page.evaluate(
        "getComputedStyle(document.querySelector('#rows .cost'), '::before').content",
      );
      expect(unit).toBe(width < 640 ? '"US$ "' : 'none');
      await picture(page, `${scheme}-${width}`);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`)).toEqual([]);
      expect(faults).toEqual([]);
      await context.close();
    }, 60_000);

  it('keeps every hostile string text, in the list and in each detail', async () => {
    const { context, page, faults } = await open('light');
    const elements = await page.evaluate(
      "document.querySelectorAll('#rows script, #rows img, #rows svg').length",
    );
    expect(elements).toBe(0);
    const buttons = page.locator('#rows button');
    for (let index = 0; index < 25; index += 1) {
      await buttons.nth(index).click();
      const body = page.locator('#detail-body');
      await body.locator('dl').first().waitFor();
      expect(await body.locator('script, img, svg, iframe, object, a[href^="javascript"]').count()).toBe(0);
      if (index === 0) {
        await picture(page, 'detail');
        expect(await body.textContent()).toContain(PLANTED[0]);
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id }) => id)).toEqual([]);
      }
      await page.keyboard.press('Escape');
    }
    expect(await page.evaluate('window.pwned')).toBeUndefined();
    expect(faults).toEqual([]);
    await context.close();
  }, 90_000);

  it('works with the keyboard alone', async () => {
    const { context, page, faults } = await open('light');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.className')).toBe('skip');
    await page.keyboard.press('Enter');
    const button = page.locator('#rows button').first();
    for (let tabs = 0; tabs < 20; tabs += 1) {
      if (await button.evaluate('(element) => element === document.activeElement')) break;
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await page.locator('#detail[open] dl').first().waitFor();
    await page.keyboard.press('Escape');
    await page.locator('#detail:not([open])').waitFor({ state: 'attached' });
    const back = await page.evaluate('document.activeElement.textContent');
    expect(back).toBe('Details');
    expect(faults).toEqual([]);
    await context.close();
  }, 60_000);
});
