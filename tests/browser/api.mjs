// What a test does beside the browser: models and the queue's processor, through the API.
import { baseUrl } from './studio.mjs';

/** A client of the API, signed in. */
export async function signedIn({ email, password }) {
  const call = async (path, { method = 'GET', body, token } = {}) => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
    const response = await fetch(baseUrl + path, { method, headers, body: body && JSON.stringify(body) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const { token } = await call('/api/v1/auth/login', { method: 'POST', body: { email, password } });
  return (path, options) => call(path, { ...options, token });
}

/** Installs the model in the folder `source` where it lies, unless the studio has one of that name. */
export async function haveModel(call, name, source) {
  const { models } = await call('/api/v2/models/');
  if (models.some((model) => model.name === name)) return;
  const query = new URLSearchParams({ source, inplace: 'true' });
  let job = await call(`/api/v2/models/install?${query}`, { method: 'POST', body: {} });
  while (!['completed', 'error', 'cancelled'].includes(job.status)) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    job = await call(`/api/v2/models/install/${job.id}`);
  }
  if (job.status !== 'completed') throw new Error(`the model is not installed: ${job.error_reason}`);
}

/** Sets what the UI takes over when somebody picks the model. */
export async function setDefaults(call, name, settings) {
  const { models } = await call('/api/v2/models/');
  const { key } = models.find((model) => model.name === name);
  await call(`/api/v2/models/i/${key}`, { method: 'PATCH', body: { default_settings: settings } });
}

/** Lets the queue's items wait (`pause`), or run again (`resume`). */
export function processor(call, action) {
  return call(`/api/v1/queue/default/processor/${action}`, { method: 'PUT' });
}

/** Enqueues the smallest item there is: a graph of one number. */
export function enqueueNumber(call) {
  const graph = { nodes: { number: { id: 'number', type: 'integer', value: 1 } }, edges: [] };
  const body = { batch: { graph, runs: 1 }, prepend: false };
  return call('/api/v1/queue/default/enqueue_batch', { method: 'POST', body });
}

/** Waits for the ends of these items; gives them, and fails with the error of one that did not complete. */
export async function completed(call, itemIds, milliseconds = 180_000) {
  const end = Date.now() + milliseconds;
  const items = [];
  for (const id of itemIds) {
    let item;
    while (['pending', 'in_progress', 'waiting'].includes((item = await call(`/api/v1/queue/default/i/${id}`)).status)) {
      if (Date.now() > end) throw new Error(`item ${id} is still ${item.status}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    if (item.status !== 'completed') throw new Error(`item ${id}: ${item.status}, ${item.error_message}`);
    items.push(item);
  }
  return items;
}

/** The name of the picture that a graph of the UI ends with. */
export function picture({ session }) {
  for (const [id, result] of Object.entries(session.results)) {
    if (session.prepared_source_mapping[id].startsWith('canvas_output')) return result.image.image_name;
  }
  throw new Error('the item has no picture');
}
