// The Generate tab with the bundled model: dynamic prompts and batches, a LoRA, recall of what made a picture.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { haveModel, picture, signedIn } from './api.mjs';
import {
  invokeAndWait,
  numberBecomes,
  numberOf,
  openAdvancedOptions,
  pixels,
  promptBecomes,
  promptField,
  setIterations,
  setNumber,
  setSeed,
} from './controls.mjs';
import { administrator, newPersonsWindow } from './people.mjs';
import { galleryHolds, galleryImages, keepScreenshot, launchBrowser } from './studio.mjs';

const model = 'pictograms';
const lora = 'pictograms-greys';

let browser;
let page;
let call;
let plain;
let grey;

before(async () => {
  const admin = await signedIn(administrator);
  await haveModel(admin, model, `${process.env.REPOSITORY}/models/${model}`);
  await haveModel(admin, lora, `${process.env.REPOSITORY}/models/${lora}.safetensors`);
  browser = await launchBrowser();
  ({ page, call } = await newPersonsWindow(browser, admin, 'generate', model));
  await setSeed(page, 7);
});

after(() => browser?.close());

afterEach((context) => keepScreenshot(context, page));

/** How colourful a picture is: the mean over its pixels of the distance between the largest and the least channel. */
async function colourfulness(image) {
  const { bytes } = await pixels(page, image);
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 4) {
    const channels = bytes.slice(at, at + 3);
    sum += Math.max(...channels) - Math.min(...channels);
  }
  return sum / (bytes.length / 4);
}

/** Shows the picture of an item in the viewer. */
function select(item) {
  return galleryImages(page).and(page.locator(`[src*="${picture(item)}"]`)).click();
}

test('every variant of a dynamic prompt becomes as many images as are asked for', async () => {
  const prompt = 'a {red|blue} apple on a yellow background';
  await setIterations(page, 2);
  const expanded = page.waitForResponse((response) => response.url().includes('/utilities/dynamicprompts'));
  await promptField(page).fill(prompt);
  await expanded;
  const { items } = await invokeAndWait(page, call, prompt);
  assert.equal(items.length, 4);
  const values = items.map(({ field_values }) => field_values.map(({ value }) => value).join(' '));
  assert.equal(new Set(values).size, 4, `four different pictures: ${values}`);
  await galleryHolds(page, 4);
  await setIterations(page, 1);
});

test('a LoRA that is picked changes the picture of the same seed', async () => {
  plain = (await invokeAndWait(page, call, 'a red apple')).items[0];
  await page.getByRole('button', { name: 'Add LoRA' }).click();
  await page.getByText(lora, { exact: true }).locator('visible=true').last().click();
  await page.getByRole('button', { name: 'Remove LoRA' }).waitFor();
  const made = await invokeAndWait(page, call, 'a red apple');
  grey = made.items[0];
  assert.ok(made.nodes.includes('lora_collection_loader'), `with a LoRA: ${made.nodes}`);
  const [before, after] = [await colourfulness(picture(plain)), await colourfulness(picture(grey))];
  assert.ok(after < before * 0.8, `the LoRA of greys takes colour away: ${before} became ${after}`);
  await galleryHolds(page, 6);
});

test('"Use All" brings back what made a picture, and Invoke makes the same one again', async () => {
  await openAdvancedOptions(page, 0);
  const steps = await numberOf(page, 'Steps');
  await promptField(page).fill('something else');
  await page.getByRole('button', { name: 'Remove LoRA' }).click();
  await setNumber(page, 'Seed', 12345);
  await setNumber(page, 'Steps', 3);
  await select(grey);
  await page.getByRole('button', { name: 'Use All (A)' }).click();
  await page.getByRole('button', { name: 'Remove LoRA' }).waitFor();
  await promptBecomes(page, 'a red apple');
  await numberBecomes(page, 'Seed', 7);
  await numberBecomes(page, 'Steps', steps);
  const { items } = await invokeAndWait(page, call, 'a red apple');
  assert.deepEqual(await pixels(page, picture(items[0])), await pixels(page, picture(grey)));
});

test('"Use Prompt" and "Use Seed" bring back one thing each', async () => {
  await promptField(page).fill('a blue car');
  await setNumber(page, 'Seed', 5);
  await setNumber(page, 'Steps', 4);
  await select(plain);
  await page.getByRole('button', { name: 'Use Prompt (P)' }).click();
  await promptBecomes(page, 'a red apple');
  assert.equal(await numberOf(page, 'Seed'), 5);
  await page.getByRole('button', { name: 'Use Seed (S)' }).click();
  await numberBecomes(page, 'Seed', 7);
  assert.equal(await numberOf(page, 'Steps'), 4);
});

test('the page had no script error, no blocked resource and no answer of 5xx', () => {
  assert.deepEqual(page.problems, []);
});
