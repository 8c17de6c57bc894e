// The stock UI in Chromium, as a person uses it. One function a step; all of them find things by what is shown.
import { chromium } from 'playwright-core';

export const baseUrl = process.env.BASE_URL ?? 'http://127.0.0.1:9090';

/** Starts a browser that talks to nobody but the studio. */
export function launchBrowser() {
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
    ],
  });
}

/** A window of its own session, with the errors of its page and the names of its socket's events collected. */
export async function openWindow(browser) {
  const context = await browser.newContext({ viewport: { width: 1500, height: 950 } });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  page.problems = [];
  page.on('pageerror', (error) => error.stack && page.problems.push(`script: ${error.message}`));
  page.events = [];
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      const name = /^42(?:\/ws,|\/[^,]*,)?\["([a-z_]+)"/.exec(String(payload))?.[1];
      if (name) page.events.push(name);
    }),
  );
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
  if (remember) {
    await page.getByText('Remember me for 7 days').click();
  }
  await page.getByRole('button', { name: 'Sign In' }).click();
  await page.getByRole('button', { name: 'User Menu' }).waitFor();
  await dismissNews(page);
}

/** Closes the note on a new version, which covers the menu. It comes a little late, and only once. */
async function dismissNews(page) {
  const note = page.getByRole('dialog').filter({ hasText: "What's New in Invoke" });
  try {
    await note.waitFor({ timeout: 5_000 });
  } catch {
    return;
  }
  await note.getByRole('button', { name: 'Close' }).click();
  await note.waitFor({ state: 'hidden' });
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

/** Writes a prompt, presses Invoke and waits until the gallery holds `images` images. */
export async function generate(page, prompt, { images }) {
  await page.locator('textarea[name=prompt]').fill(prompt);
  await page.getByRole('button', { name: 'Invoke', exact: true }).click();
  await galleryImages(page).nth(images - 1).waitFor({ timeout: 120_000 });
}

/** The thumbnails of the gallery. */
export function galleryImages(page) {
  return page.locator('img[src*="/thumbnail"]');
}

/** What an `img` really shows: its address, and its size, which is zero when it did not load. */
export function describeImage(image) {
  return image.evaluate(async (element) => {
    await element.decode().catch(() => {});
    return { address: element.src, width: element.naturalWidth, height: element.naturalHeight };
  });
}

/** Installs a model by the API as `account`, in place, and waits until it is there. */
export async function installModel(account, source) {
  const post = (path, body, headers = {}) =>
    fetch(baseUrl + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    }).then((response) => response.json());
  const { token } = await post('/api/v1/auth/login', { email: account.email, password: account.password });
  const headers = { authorization: `Bearer ${token}` };
  const query = new URLSearchParams({ source, inplace: 'true' });
  let job = await post(`/api/v2/models/install?${query}`, {}, headers);
  while (!['completed', 'error', 'cancelled'].includes(job.status)) {
    if (job.id === undefined) throw new Error(`the model cannot be installed: ${JSON.stringify(job)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    job = await fetch(`${baseUrl}/api/v2/models/install/${job.id}`, { headers }).then((response) => response.json());
  }
  if (job.status !== 'completed') throw new Error(`the model is not installed: ${job.error_reason}`);
}
