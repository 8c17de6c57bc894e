// The main job: an administrator and a second person each make an image, and neither sees the other's.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import {
  baseUrl,
  createUser,
  describeImage,
  galleryImages,
  generate,
  installModel,
  launchBrowser,
  openWindow,
  setUpAdministrator,
  signIn,
  signOut,
} from './studio.mjs';

const administrator = { email: 'admin@example.com', displayName: 'Admin', password: 'Golden-Passw0rd!' };
const second = { email: 'bob@example.com', displayName: 'Bob', password: 'Another-Passw0rd1' };
const model = `${process.env.REPOSITORY}/tests/goldens/models/tiny-sd1s`;

let browser;
let first;
let other;
let imageOfAdministrator;

before(async () => {
  browser = await launchBrowser();
  first = await openWindow(browser);
});

after(() => browser?.close());

// SCREENSHOTS=directory keeps what each step ended with.
afterEach(async (context) => {
  const directory = process.env.SCREENSHOTS;
  if (!directory) return;
  const name = context.name.replaceAll(/\W+/g, '-');
  for (const [who, page] of [['first', first], ['second', other]]) {
    await page?.screenshot({ path: `${directory}/${name}.${who}.png` });
  }
});

test('the administrator is set up in the browser and signs in', async () => {
  await setUpAdministrator(first, administrator);
  await installModel(administrator, model);
  await signIn(first, administrator);
  assert.equal(await galleryImages(first).count(), 0);
});

test('a prompt becomes an image in the gallery, with progress on the way', async () => {
  await generate(first, 'a red square', { images: 1 });
  const image = await describeImage(galleryImages(first).first());
  assert.ok(image.width > 0, 'the thumbnail is shown');
  imageOfAdministrator = image.address.replace(/thumbnail.*/, 'full');
  for (const event of ['queue_item_status_changed', 'invocation_started', 'invocation_progress', 'invocation_complete']) {
    assert.ok(first.events.includes(event), `${event} came: ${[...new Set(first.events)]}`);
  }
});

test('a reload keeps everything', async () => {
  await first.reload();
  await galleryImages(first).first().waitFor();
  assert.equal(await galleryImages(first).count(), 1);
});

test('a second person, made in User Management, signs in and sees no image of the first', async () => {
  await createUser(first, second);
  other = await openWindow(browser);
  await signIn(other, second, { remember: true });
  await other.getByText('No images/videos found').waitFor();
  assert.equal(await galleryImages(other).count(), 0);
});

test('each sees only their own image', async () => {
  await generate(other, 'a blue circle', { images: 1 });
  const own = await describeImage(galleryImages(other).first());
  assert.ok(own.width > 0);
  assert.notEqual(own.address.replace(/thumbnail.*/, 'full'), imageOfAdministrator);
  assert.equal(await galleryImages(first).count(), 1);
  const status = await other.evaluate(async (address) => (await fetch(address)).status, imageOfAdministrator);
  assert.ok([401, 403, 404].includes(status), `the second person gets ${status} for the first one's image`);
  const stranger = await fetch(imageOfAdministrator);
  assert.ok([401, 403, 404].includes(stranger.status), `a stranger gets ${stranger.status}`);
});

test('signing out ends the session', async () => {
  await signOut(other);
  await other.goto(baseUrl);
  await other.getByText('Sign In to InvokeAI').waitFor();
});

test('no page had a script error or an answer of 5xx', () => {
  const expected = / 501 /;
  const problems = [...first.problems, ...(other?.problems ?? [])].filter((problem) => !expected.test(` ${problem} `));
  assert.deepEqual(problems, []);
});
