// The Canvas tab with the bundled model: text to image, image to image and an inpaint mask.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { haveModel, picture, signedIn } from './api.mjs';
import { accept, addLayer, discard, drawStroke, openCanvas } from './canvas.mjs';
import { invokeAndWait, pixels } from './controls.mjs';
import { administrator, newPersonsWindow } from './people.mjs';
import { keepScreenshot, launchBrowser } from './studio.mjs';

const model = 'pictograms';

let browser;
let page;
let call;

before(async () => {
  const admin = await signedIn(administrator);
  await haveModel(admin, model, `${process.env.REPOSITORY}/models/${model}`);
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

test('the page had no script error, no blocked resource and no answer of 5xx', () => {
  assert.deepEqual(page.problems, []);
});
