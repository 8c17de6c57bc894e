// The main job: an administrator and a second person each make an image, and the second does not see the first one's.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { enqueueNumber, haveModel, processor, signedIn } from './api.mjs';
import { administrator, second } from './people.mjs';
import {
  baseUrl,
  createUser,
  describeImage,
  galleryHolds,
  galleryImages,
  generate,
  invoke,
  keepScreenshot,
  launchBrowser,
  openWindow,
  pickModel,
  queueBadge,
  settled,
  setUpAdministrator,
  signIn,
  signOut,
} from './studio.mjs';

const model = 'pictograms';

let browser;
let first;
let other;
let call;
let imageOfAdministrator;

before(async () => {
  browser = await launchBrowser();
  first = await openWindow(browser);
});

after(() => browser?.close());

// SCREENSHOTS=directory keeps what each step ended with.
afterEach(async (context) => {
  await keepScreenshot(context, first, 'first');
  await keepScreenshot(context, other, 'second');
});

test('the administrator is set up in the browser and signs in', async () => {
  await setUpAdministrator(first, administrator);
  call = await signedIn(administrator);
  await haveModel(call, model, `${process.env.REPOSITORY}/models/${model}`);
  await signIn(first, administrator);
  assert.equal(await galleryImages(first).count(), 0);
});

test('the bundled model is picked', async () => {
  await pickModel(first, model);
});

test('a prompt becomes an image in the gallery, with progress on the way', async () => {
  const progress = await generate(first, 'a red apple', { images: 1 });
  const image = await describeImage(galleryImages(first).first());
  assert.ok(image.width > 0, 'the thumbnail is shown');
  imageOfAdministrator = image.address.replace(/thumbnail.*/, 'full');
  for (const event of ['queue_item_status_changed', 'invocation_started', 'invocation_progress', 'invocation_complete']) {
    assert.ok(first.events.includes(event), `${event} came: ${[...new Set(first.events)]}`);
  }
  assert.ok(progress.length >= 2, `the progress bar moved, it was seen at ${progress}`);
});

test('a reload keeps everything', async () => {
  const prompt = first.locator('textarea[name=prompt]');
  await first.waitForTimeout(1500); // the UI saves its state a moment after a change
  await first.reload();
  await galleryHolds(first, 1);
  assert.equal(await prompt.inputValue(), 'a red apple');
  await first.getByText(model).first().waitFor();
});

test('a second person, made in User Management, signs in and sees no image of the first', async () => {
  await createUser(first, second);
  other = await openWindow(browser);
  await signIn(other, second, { remember: true });
  await other.getByText('No images/videos found').waitFor();
  assert.equal(await galleryImages(other).count(), 0);
  await other.getByText('128×128').first().waitFor();
});

test('the second person sees only their own image; an administrator, as upstream, sees both', async () => {
  await generate(other, 'a blue circle', { images: 1 });
  const own = await describeImage(galleryImages(other).first());
  assert.ok(own.width > 0);
  assert.notEqual(own.address.replace(/thumbnail.*/, 'full'), imageOfAdministrator);
  await galleryHolds(other, 1);
  await galleryHolds(first, 2);
  const status = await other.evaluate(async (address) => (await fetch(address)).status, imageOfAdministrator);
  assert.ok([401, 403, 404].includes(status), `the second person gets ${status} for the first one's image`);
  const stranger = await fetch(imageOfAdministrator);
  assert.ok([401, 403, 404].includes(stranger.status), `a stranger gets ${stranger.status}`);
});

// Two habits of the stock UI: an administrator's Invoke also resumes the processor, so that what waits would not wait
// any longer: their item comes through the API. And what happens while the page's request for the queue's status is
// under way does not make it ask again: the next step waits until it has its answer.
test('the badge of the queue shows how many items are one\'s own, and how many there are', async () => {
  await processor(call, 'pause');
  await invoke(other, 'a green tree');
  await queueBadge(other, '1/1').waitFor();
  await queueBadge(first, '0/1').waitFor();
  await Promise.all([settled(other), settled(first)]);
  await enqueueNumber(call);
  await queueBadge(other, '1/2').waitFor();
  await queueBadge(first, '1/2').waitFor();
  await processor(call, 'resume');
  await galleryHolds(other, 2);
  await galleryHolds(first, 3);
});

test('"remember me" lasts through a restart of the browser', async () => {
  const state = await other.context().storageState();
  const token = state.origins[0].localStorage.find(({ name }) => /token/.test(name)).value;
  const { exp, iat } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
  const days = (exp - (iat ?? Date.now() / 1000)) / 86_400;
  assert.ok(Math.abs(days - 7) < 0.1, `the token lasts ${days} days`);
  const context = await browser.newContext({ storageState: state, viewport: { width: 1500, height: 950 } });
  const page = await context.newPage();
  await page.goto(baseUrl);
  await galleryImages(page).first().waitFor();
  await context.close();
});

test('a small screen shows the studio too', async () => {
  await other.setViewportSize({ width: 768, height: 1024 });
  await other.reload();
  await other.getByRole('button', { name: 'Invoke', exact: true }).waitFor();
  const wider = await other.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(wider <= 0, `the page is ${wider} px wider than the screen`);
  await other.setViewportSize({ width: 1500, height: 950 });
});

test('signing out ends the session', async () => {
  await signOut(other);
  await other.goto(baseUrl);
  await other.getByText('Sign In to InvokeAI').waitFor();
});

test('no page had a script error, a blocked resource or an answer of 5xx', () => {
  const expected = / 501 /;
  const problems = [...first.problems, ...(other?.problems ?? [])].filter((problem) => !expected.test(` ${problem} `));
  assert.deepEqual(problems, []);
});
