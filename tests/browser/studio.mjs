// The stock UI in Chromium, as a person uses it. One function a step; all of them find things by what is shown.
import { chromium } from 'playwright-core';
import { watchProgress } from './progress.mjs';

export const baseUrl = process.env.BASE_URL ?? 'http://127.0.0.1:9090';

/** How long anything may take: the machine may be busy with other things. */
const PATIENCE = 180_000;

/** Starts a browser that talks to nobody but the studio; `more` are further arguments of Chromium. */
export function launchBrowser(...more) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  });
}

/** What a test ended with, when SCREENSHOTS names a directory; `who` tells several windows apart. */
export async function keepScreenshot(test, page, who) {
  const directory = process.env.SCREENSHOTS;
  if (!directory || !page) return;
  const name = [test.name.replaceAll(/\W+/g, '-'), who].filter(Boolean).join('.');
  await page.screenshot({ path: `${directory}/${name}.png` });
}

/** A window of its own session, with the problems of its page and the names of its socket's events collected. */
export async function openWindow(browser, { width = 1500, height = 950 } = {}) {
  const context = await browser.newContext({ viewport: { width, height } });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  page.problems = [];
  page.on('pageerror', (error) => error.stack && page.problems.push(`script: ${error.message}`));
  page.on('console', (message) => {
    // Before the sign-in the browser logs answers of 401, and the UI that it has no state; 5xx are collected below.
    const expected = /Failed to load resource|Problem (rehydrating|persisting) state/.test(message.text());
    if (message.type() === 'error' && !expected) page.problems.push(`console: ${message.text()}`);
  });
  // A violation of the content security policy also shows when the script that caused it says nothing.
  await page.exposeFunction('reportPolicyViolation', (text) => page.problems.push(`policy: ${text}`));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      // The UI's validator tries once whether it may compile code, and does without when it may not.
      if (event.blockedURI === 'eval') return;
      window.reportPolicyViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
    });
  });
  page.events = [];
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      const name = /^42(?:\/ws,|\/[^,]*,)?\["([a-z_]+)"/.exec(String(payload))?.[1];
      if (name) page.events.push(name);
    }),
  );
  page.asked = new Set();
  page.on('framenavigated', () => page.asked.clear());
  page.on('request', (request) => page.asked.add(request));
  page.on('requestfinished', (request) => page.asked.delete(request));
  page.on('requestfailed', (request) => page.asked.delete(request));
  page.on('response', (response) => {
    if (response.status() >= 500) {
      page.problems.push(`${response.status()} ${response.request().method()} ${response.url()}`);
    }
  });
  return page;
}

/** Fills in the first page of a new studio. */
export async function setUpAdministrator(page, account) {
  await page.goto(baseUrl);
  await page.getByText('Welcome to InvokeAI').waitFor();
  await page.locator('input[type=email]').fill(account.email);
  await page.getByLabel('Display Name').fill(account.displayName);
  await page.getByPlaceholder('Password', { exact: true }).fill(account.password);
  await page.getByPlaceholder('Confirm Password').fill(account.password);
  await page.getByRole('button', { name: 'Create Administrator Account' }).click();
  await page.getByText('Sign In to InvokeAI').waitFor();
}

/** Signs in and waits for the studio itself. */
export async function signIn(page, account, { remember = false } = {}) {
  await page.goto(baseUrl);
  await page.getByText('Sign In to InvokeAI').waitFor();
  await page.locator('input[type=email]').fill(account.email);
  await page.getByPlaceholder('Password', { exact: true }).fill(account.password);
  const box = page.getByRole('checkbox', { name: 'Remember me for 7 days' });
  if ((await box.isChecked()) !== remember) await page.getByText('Remember me for 7 days').click();
  await page.getByRole('button', { name: 'Sign In' }).click();
  await page.getByRole('button', { name: 'User Menu' }).waitFor();
  await dismissNews(page);
}

/** Closes the note on a new version whenever it comes: it covers the menu, and is some seconds late. */
function dismissNews(page) {
  const note = page.getByRole('dialog').filter({ hasText: "What's New in Invoke" });
  return page.addLocatorHandler(note, () => note.getByRole('button', { name: 'Close' }).click());
}

/** Signs out by the user menu. */
export async function signOut(page) {
  await page.getByRole('button', { name: 'User Menu' }).click();
  await page.getByRole('menuitem', { name: 'Logout' }).click();
  await page.getByText('Sign In to InvokeAI').waitFor();
}

/** Makes an account on the page User Management. */
export async function createUser(page, account) {
  await page.getByRole('button', { name: 'User Menu' }).click();
  await page.getByRole('menuitem', { name: 'User Management' }).click();
  await page.getByRole('button', { name: 'Create User' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByPlaceholder('user@example.com').fill(account.email);
  await dialog.getByPlaceholder('Display name').fill(account.displayName);
  await dialog.getByPlaceholder('Password', { exact: true }).fill(account.password);
  await dialog.getByRole('button', { name: 'Create User' }).click();
  await page.getByText(account.email).first().waitFor();
  await page.goto(baseUrl);
  await page.getByRole('button', { name: 'User Menu' }).waitFor();
}

/** Picks a model in the Generate tab's list of models. */
export async function pickModel(page, name) {
  const label = page.locator('label').filter({ hasText: /^Model$/ }).first();
  const picker = label.locator('xpath=..').locator('button').first();
  await picker.click();
  const list = page.locator(`[id="${await picker.getAttribute('aria-controls')}"]`);
  await list.getByRole('textbox').fill(name);
  await list.getByText(name, { exact: true }).click();
  await picker.filter({ hasText: name }).waitFor();
  // Its own size and steps, where the model brings them. The UI labels the button with the name of the text.
  const defaults = label.locator('xpath=..').getByRole('button', { name: /useDefaultSettings|Use Default Settings/ });
  if (await defaults.isEnabled()) await defaults.click();
}

/** Writes a prompt and presses Invoke. */
export async function invoke(page, prompt) {
  await page.locator('textarea[name=prompt]').fill(prompt);
  await page.getByRole('button', { name: 'Invoke', exact: true }).click();
}

/** Makes images until the gallery holds `images`; gives the positions in which the progress bar was seen. */
export async function generate(page, prompt, { images }) {
  const seen = await watchProgress(page);
  await invoke(page, prompt);
  await galleryHolds(page, images);
  return seen();
}

/** The badge of the queue's tab: how many items wait or run, one's own and all. */
export function queueBadge(page, text) {
  return page.locator('.chakra-badge, [class*=badge]').filter({ hasText: new RegExp(`^${text}$`) }).first();
}

/** Waits until the page has asked nothing about the queue for a second, and has all its answers. */
export async function settled(page) {
  const waiting = () => [...page.asked].map((request) => request.url()).filter((url) => url.includes('/queue/'));
  const end = Date.now() + 30_000;
  for (let quiet = 0; quiet < 10; quiet = waiting().length ? 0 : quiet + 1) {
    if (Date.now() > end) throw new Error(`the page still waits for ${waiting()}`);
    await page.waitForTimeout(100);
  }
}

/** The thumbnails of the gallery. */
export function galleryImages(page) {
  return page.locator('img[src*="/thumbnail"]');
}

/** Waits until the page shows `images` thumbnails. For a moment the viewer shows one too, in place of its picture. */
export async function galleryHolds(page, images, milliseconds = PATIENCE) {
  const end = Date.now() + milliseconds;
  let count;
  while ((count = await galleryImages(page).count()) !== images) {
    if (Date.now() > end) throw new Error(`the gallery shows ${count} thumbnails, not ${images}`);
    await page.waitForTimeout(100);
  }
}

/** What an `img` really shows: its address, and its size, which is zero when it did not load. */
export function describeImage(image) {
  return image.evaluate(async (element) => {
    await element.decode().catch(() => {});
    return { address: element.src, width: element.naturalWidth, height: element.naturalHeight };
  });
}
