// The settings of the installation that administrators change in the UI.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { signedIn } from './api.mjs';
import { administrator } from './people.mjs';
import { keepScreenshot, launchBrowser, openWindow, signIn } from './studio.mjs';

const path = '/api/v1/app/runtime_config';

let browser;
let page;
let call;

before(async () => {
  call = await signedIn(administrator);
  browser = await launchBrowser();
  page = await openWindow(browser);
  await signIn(page, administrator);
});

after(async () => {
  await browser?.close();
  await call?.(path, { method: 'PATCH', body: { max_queue_history: null } });
});

afterEach((context) => keepScreenshot(context, page));

/** Opens the settings; gives the field at a label. */
async function setting(label) {
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Settings', exact: true }).click();
  return page.getByRole('dialog').getByLabel(label, { exact: true });
}

test('Max Queue History is kept, and shown again after a reload', async () => {
  const field = await setting('Max Queue History');
  assert.equal(await field.inputValue(), '', 'nothing is forgotten at first');
  const saved = page.waitForResponse((response) => response.url().includes(path) && response.request().method() === 'PATCH');
  await field.fill('500');
  await field.blur();
  assert.equal((await saved).status(), 200);
  await page.reload();
  await page.getByRole('button', { name: 'User Menu' }).waitFor();
  assert.equal(await (await setting('Max Queue History')).inputValue(), '500');
});

test('the page had no script error, no blocked resource and no answer of 5xx', () => {
  assert.deepEqual(page.problems, []);
});
