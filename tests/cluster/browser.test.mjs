// The stock UI in Chromium, through the Ingress: a person signs in with the generated password and makes an image.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { apply, kubectl, makeNamespace } from './lib/kubernetes.mjs';
import { IngressController } from './lib/ingress.mjs';
import { administratorEmail, administratorPassword, available, studioResource } from './lib/resources.mjs';

const namespace = 'test-browser';
const name = 'seen';
const model = 'pictograms';
let ingress;
let browser;
let page;
let ui;

before(async () => {
  await makeNamespace(namespace);
  await apply(studioResource(namespace, name));
  await available(namespace, name);
  ingress = await IngressController.start(namespace);
  // The steps of tests/browser read the address when they are loaded.
  process.env.BASE_URL = ingress.address(`${name}.test`);
  ui = await import('../browser/studio.mjs');
  // The host exists in the Ingress only.
  browser = await ui.launchBrowser(`--host-resolver-rules=MAP ${name}.test 127.0.0.1`);
  page = await ui.openWindow(browser);
});
after(async () => {
  await browser?.close();
  await ingress?.stop();
  await kubectl('delete', 'namespace', namespace, '--timeout=360s');
});

test('the administrator signs in with the generated password', async () => {
  await ui.signIn(page, { email: administratorEmail, password: await administratorPassword(namespace, name) });
});

test('the bundled model is there, and a prompt becomes an image with progress on the way', async () => {
  await ui.pickModel(page, model);
  const progress = await ui.generate(page, 'a red apple', { images: 1 });
  const image = await ui.describeImage(ui.galleryImages(page).first());
  assert.ok(image.width > 0, 'the thumbnail is shown');
  for (const event of ['queue_item_status_changed', 'invocation_progress', 'invocation_complete']) {
    assert.ok(page.events.includes(event), `${event} came: ${[...new Set(page.events)]}`);
  }
  assert.ok(progress.length >= 1, `the progress bar was seen at ${progress}`);
});

test('the page had no problem', () => assert.deepEqual(page.problems, []));
