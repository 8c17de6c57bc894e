// The controls of the UI's left panel, and what Invoke makes of them.
import { completed } from './api.mjs';

/** The row of a control: its label and what belongs to it. */
function row(page, label) {
  return page.locator('label').filter({ hasText: new RegExp(`^${label}$`) }).locator('visible=true').first().locator('xpath=..');
}

/** Types a number as a person does: the fields format what is in them while they have the focus. */
async function type(field, value) {
  await field.click();
  await field.press('Control+a');
  await field.pressSequentially(String(value));
  await field.blur();
  const shown = await field.inputValue();
  if (Number(shown) !== value) throw new Error(`the field shows ${shown}, not ${value}`);
}

/** Sets the number at a label. */
export function setNumber(page, label, value) {
  return type(row(page, label).getByRole('spinbutton'), value);
}

/** Sets how many images Invoke asks for. */
export async function setIterations(page, count) {
  const field = page.getByRole('button', { name: 'Invoke', exact: true }).locator('xpath=..').getByRole('spinbutton');
  await type(field, count);
  await page.mouse.move(700, 20); // away from the field, whose explanation would lie over the prompt
}

/** The number at a label. */
export async function numberOf(page, label) {
  return Number(await row(page, label).getByRole('spinbutton').inputValue());
}

/** Waits until the number at a label is `value`. */
export function numberBecomes(page, label, value) {
  return becomes(() => numberOf(page, label), value, label);
}

/** Waits until the prompt is `text`. */
export function promptBecomes(page, text) {
  return becomes(() => promptField(page).inputValue(), text, 'the prompt');
}

async function becomes(read, wanted, name, milliseconds = 30_000) {
  const end = Date.now() + milliseconds;
  let value;
  while ((value = await read()) !== wanted) {
    if (Date.now() > end) throw new Error(`${name} is ${value}, not ${wanted}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A seed of one's own in place of a random one. */
export async function setSeed(page, seed) {
  await row(page, 'Random').locator('label').last().click();
  await setNumber(page, 'Seed', seed);
}

/** Opens what "Advanced Options" of an accordion hides, `which` counts them from the top. */
export async function openAdvancedOptions(page, which) {
  await page.getByRole('button', { name: 'Advanced Options' }).nth(which).click();
}

/** Picks an option of the list at a label. */
export async function choose(page, label, option) {
  await pickFrom(page, row(page, label).locator('input').first(), option);
}

/** Picks an option of a list, by its input. */
export async function pickFrom(page, input, option) {
  await input.focus();
  await input.press('ArrowDown');
  // A model's description stands in its option too.
  await page.getByRole('option').filter({ has: page.getByText(option, { exact: true }) }).click();
}

/** The text of the prompt. */
export function promptField(page) {
  return page.locator('textarea.positive-prompt-textarea');
}

/** Writes a prompt, presses Invoke and waits for the ends of its items; gives the graph's node types and the items. */
export async function invokeAndWait(page, call, prompt) {
  await promptField(page).fill(prompt);
  const asked = page.waitForResponse((response) => response.url().includes('/enqueue_batch'));
  await page.getByRole('button', { name: 'Invoke', exact: true }).click();
  const response = await asked;
  if (!response.ok()) throw new Error(`not enqueued: ${response.status()} ${await response.text()}`);
  const { graph } = response.request().postDataJSON().batch;
  const items = await completed(call, (await response.json()).item_ids);
  return { nodes: Object.values(graph.nodes).map((node) => node.type), items };
}

/** The pixels of a picture of one's own: its size, and the four bytes of each pixel, row by row. */
export function pixels(page, name) {
  return page.evaluate(async (address) => {
    const bitmap = await createImageBitmap(await (await fetch(address)).blob());
    const { width, height } = bitmap;
    const context = new OffscreenCanvas(width, height).getContext('2d');
    context.drawImage(bitmap, 0, 0);
    return { width, height, bytes: [...context.getImageData(0, 0, width, height).data] };
  }, `/api/v1/images/i/${name}/full`);
}
