// Steps on the Canvas tab.
import { enqueueNumber } from './api.mjs';
import { choose, openAdvancedOptions, setSeed } from './controls.mjs';
import { settled } from './studio.mjs';

/** Opens the Canvas with the model's own size: the UI draws at 512×512 otherwise, and scales what is smaller. */
export async function openCanvas(page) {
  await page.getByRole('button', { name: 'Canvas', exact: true }).click();
  await page.getByText('Edit and refine on Canvas.').waitFor();
  await page.getByRole('button', { name: /useDefaultSettings|Use Default Settings/ }).locator('visible=true').first().click();
  await setSeed(page, 7);
  await openAdvancedOptions(page, 0);
  await choose(page, 'Scale Before Processing', 'none');
}

/**
 * Presses a button of the bar that stands below a picture which waits to be accepted.
 *
 * The UI does not ask again what it is just asking: when the item ends meanwhile, its picture does not appear before
 * the next event. So an item of one number makes events until the button can be pressed.
 */
async function pressOfStaging(page, call, name) {
  const button = page.getByRole('button', { name });
  const end = Date.now() + 60_000;
  while (!(await button.isEnabled({ timeout: 1000 }).catch(() => false))) {
    if (Date.now() > end) throw new Error(`"${name}" cannot be pressed`);
    await settled(page);
    if (!(await button.isEnabled({ timeout: 1000 }).catch(() => false))) await enqueueNumber(call);
  }
  await button.click();
  await button.waitFor({ state: 'detached' });
}

/** Takes the picture that waits as a new raster layer. */
export function accept(page, call) {
  return pressOfStaging(page, call, 'Accept (Enter)');
}

/** Drops what waits. */
export function discard(page, call) {
  return pressOfStaging(page, call, 'Discard All');
}

/** Adds an empty layer of a kind. */
export async function addLayer(page, kind) {
  await page.getByRole('button', { name: 'Add Layer' }).click();
  await page.getByRole('menuitem', { name: kind, exact: true }).click();
}

/** Draws a stroke of the brush through the middle of the layers, which the view is made to show first. */
export async function drawStroke(page, length) {
  await page.getByRole('button', { name: 'Fit Layers to Canvas' }).click();
  await page.getByRole('button', { name: 'Brush (B)' }).click();
  const stage = await page.locator('.konvajs-content').boundingBox();
  const [x, y] = [stage.x + stage.width / 2, stage.y + stage.height / 2];
  await page.mouse.move(x, y - length / 2);
  await page.mouse.down();
  await page.mouse.move(x, y + length / 2, { steps: 10 });
  await page.mouse.up();
}
