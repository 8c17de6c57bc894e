// The Canvas tab with the bundled models: text to image, image to image, an inpaint mask and a control layer.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { haveModel, picture, setDefaults, signedIn } from './api.mjs';
import { accept, addLayer, discard, drawStroke, openCanvas } from './canvas.mjs';
import { invokeAndWait, pickFrom, pixels } from './controls.mjs';
import { administrator, newPersonsWindow } from './people.mjs';
import { keepScreenshot, launchBrowser } from './studio.mjs';

const model = 'pictograms';
const control = 'pictograms-edges';

let browser;
let page;
let call;

before(async () => {
  const admin = await signedIn(administrator);
  for (const name of [model, control]) await haveModel(admin, name, `${process.env.REPOSITORY}/models/${name}`);
  await setDefaults(admin, control, { preprocessor: 'canny_image_processor' });
  browser = await launchBrowser();
  ({ page, call } = await newPersonsWindow(browser, admin, 'canvas', model));
  await openCanvas(page);
});

after(() => browser?.close());

afterEach((context) => keepScreenshot(context, page));

test('a prompt on the empty canvas becomes a picture that waits, and a raster layer when it is accepted', async () => {
  const { items } = await invokeAndWait(page, call, 'a red apple');
  const { width, height } = await pixels(page, picture(items[0]));
  assert.deepEqual([width, height], [128, 128]);
  await accept(page, call);
  await page.getByText('Raster Layers (1)').waitFor();
});

test('the layer is the start of the next picture', async () => {
  const { nodes } = await invokeAndWait(page, call, 'a green apple');
  assert.ok(nodes.includes('i2l'), `image to image: ${nodes}`);
  await discard(page, call);
});

test('only what is under a painted inpaint mask is drawn anew', async () => {
  await addLayer(page, 'Inpaint Mask');
  await drawStroke(page, 30);
  const { nodes, items } = await invokeAndWait(page, call, 'a blue circle');
  assert.ok(nodes.includes('create_gradient_mask'), `inpainting: ${nodes}`);
  const { width, height, bytes } = await pixels(page, picture(items[0]));
  const opacity = (x, y) => bytes[4 * (y * width + x) + 3];
  assert.equal(opacity(width / 2, height / 2), 255, 'the middle is drawn');
  for (const [x, y] of [[1, 1], [width - 2, 1], [1, height - 2], [width - 2, height - 2]]) {
    assert.equal(opacity(x, y), 0, `${x}, ${y} is left as it was`);
  }
  await accept(page, call);
  await page.getByText('Raster Layers (2)').waitFor();
});

test('edges found in a layer guide a picture as a control layer', async () => {
  await page.getByText('Raster Layer', { exact: true }).locator('visible=true').last().click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Copy Raster Layer To' }).hover();
  await page.getByRole('menuitem', { name: 'New Control Layer' }).click();
  await page.getByText('Control Layers (1)').waitFor();
  // The model's settings name a filter, so the UI starts it as soon as the model is picked.
  const filtered = page.waitForResponse((response) => response.url().includes('/enqueue_batch'));
  await pickFrom(page, page.getByText('Select a model').locator('xpath=..').locator('input'), control);
  assert.ok((await filtered).request().postData().includes('canny_edge_detection'));
  await page.getByRole('button', { name: 'Apply', exact: true }).click();
  const { nodes } = await invokeAndWait(page, call, 'a yellow pear');
  assert.ok(nodes.includes('controlnet'), `control: ${nodes}`);
  await discard(page, call);
});

test('the page had no script error, no blocked resource and no answer of 5xx', () => {
  assert.deepEqual(page.problems, []);
});
