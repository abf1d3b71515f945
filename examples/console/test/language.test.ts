import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, openConsole } from './support/console.ts';
import { startStack } from './support/stack.ts';
import { tenant } from './support/volume.ts';

/* The page in Korean. */

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
});

test('everything is there in Korean, too', async () => {
  await using stack = await startStack();
  await using console = await openConsole(browser, stack, { timezoneId: 'Asia/Seoul' });
  const { page } = console;
  stack.simulator.store('kr1').addVolume(tenant, {
    name: '데이터',
    status: 'in-use',
    size: 2000,
    created_at: '2026-03-01T05:43:12.000000',
  });
  await console.signIn();
  await console.ready();
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
  await page.getByRole('radio', { name: '한국어' }).check();
  await page.getByRole('heading', { name: '볼륨' }).waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('ko');
  const row = await console.row('데이터').textContent();
  for (const text of ['사용 중', '2,000GB', '2026. 3. 1. 오후 2:43', '한국(판교)']) expect(row).toContain(text);
  await page.getByText('전체 1개 중 1개 표시').waitFor();
});

test('a browser that asks for Korean is answered in Korean', async () => {
  await using stack = await startStack();
  await using console = await openConsole(browser, stack, { locale: 'ko-KR' });
  await console.page.getByRole('heading', { name: '블록 스토리지 로그인' }).waitFor();
});
