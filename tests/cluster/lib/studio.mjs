// A studio's API as a script of a user speaks it, through whatever stands in front of the Service.
import assert from 'node:assert/strict';
import { send, upgrade } from './http.mjs';
import { until } from './kubernetes.mjs';

/** A person's session in the studio at an address, for instance `http://team.test:8080`. */
export class Studio {
  constructor(address) {
    this.address = address;
    this.token = undefined;
  }

  /** One request; gives status and body (parsed where it is JSON). `body` is sent as JSON, or `form` as it is. */
  async request(method, path, body, form) {
    const headers = { ...form?.headers };
    if (this.token) headers.authorization = `Bearer ${this.token}`;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const content = body === undefined ? form?.body : JSON.stringify(body);
    const answer = await send(method, this.address + path, { headers, body: content });
    const json = answer.headers['content-type']?.includes('json');
    return { ...answer, body: json ? JSON.parse(answer.bytes) : answer.bytes };
  }

  /** The body of a request that must succeed. */
  async ask(method, path, body) {
    const answer = await this.request(method, path, body);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`);
    return answer.body;
  }

  /** The answer to a request for the socket of events. */
  socket() {
    const headers = this.token ? { authorization: `Bearer ${this.token}` } : {};
    return upgrade(`${this.address}/ws/socket.io/?EIO=4&transport=websocket`, headers);
  }

  /** Signs in; the status of the answer says whether that worked. */
  async signIn(email, password) {
    const answer = await this.request('POST', '/api/v1/auth/login', { email, password, remember_me: false });
    if (answer.status === 200) this.token = answer.body.token;
    return answer.status;
  }

  /** A second person in the same studio. */
  another() {
    return new Studio(this.address);
  }

  /** The bundled model of a type, as graphs refer to models. */
  async bundledModel(wanted = 'main') {
    const { models } = await this.ask('GET', '/api/v2/models/');
    const found = models.find((model) => model.type === wanted);
    assert.ok(found, `a bundled model of type ${wanted} is listed: ${models.map((model) => model.name)}`);
    const { key, hash, name, base, type } = found;
    return { key, hash, name, base, type };
  }

  /** Enqueues `runs` images of a prompt, with the bundled LoRA if asked for; gives the ids of the items. */
  async enqueue(prompt, { runs = 1, steps = 6, size = 64, seed = 1, lora = false } = {}) {
    const graph = textToImage(await this.bundledModel(), prompt, steps, size);
    if (lora) addLora(graph, await this.bundledModel('lora'));
    const data = [[{ node_path: 'noise', field_name: 'seed', items: Array.from({ length: runs }, (_, index) => seed + index) }]];
    const batch = { graph, runs: 1, data };
    const answer = await this.ask('POST', '/api/v1/queue/default/enqueue_batch', { batch, prepend: false });
    return answer.item_ids;
  }

  item(id) {
    return this.ask('GET', `/api/v1/queue/default/i/${id}`);
  }

  /** Waits until the items have ended, and gives them; each must have completed. */
  async completed(ids, seconds = 120) {
    const items = [];
    for (const id of ids) {
      const item = await until(`item ${id} to end`, seconds, async () => {
        const found = await this.item(id);
        return ['completed', 'failed', 'canceled'].includes(found.status) && found;
      });
      assert.equal(item.status, 'completed', `item ${id}: ${item.error_type} ${item.error_message}`);
      items.push(item);
    }
    return items;
  }

  /** The bytes of the image that an item made. */
  async imageOf(item) {
    const results = Object.values(item.session.results);
    const name = results.find((result) => result.type === 'image_output')?.image.image_name;
    assert.ok(name, 'the item has an image');
    return this.ask('GET', `/api/v1/images/i/${name}/full`);
  }
}

/** The graph of text to image for the Stable Diffusion 1 family. */
function textToImage(model, prompt, steps, size) {
  const nodes = {
    model: { type: 'main_model_loader', model },
    positive: { type: 'compel', prompt },
    negative: { type: 'compel', prompt: '' },
    noise: { type: 'noise', seed: 1, width: size, height: size, use_cpu: true },
    denoise: {
      type: 'denoise_latents', steps, cfg_scale: 5, scheduler: 'euler', denoising_start: 0, denoising_end: 1,
    },
    image: { type: 'l2i', fp32: true, is_intermediate: false },
  };
  for (const [id, node] of Object.entries(nodes)) {
    node.id = id;
    node.use_cache = false;
    node.is_intermediate ??= true;
  }
  const edges = [
    ['model.clip', 'positive.clip'],
    ['model.clip', 'negative.clip'],
    ['model.unet', 'denoise.unet'],
    ['positive.conditioning', 'denoise.positive_conditioning'],
    ['negative.conditioning', 'denoise.negative_conditioning'],
    ['noise.noise', 'denoise.noise'],
    ['model.vae', 'image.vae'],
    ['denoise.latents', 'image.latents'],
  ].map(([from, to]) => ({ source: end(from), destination: end(to) }));
  return { id: 'graph', nodes, edges };
}

/** Puts a LoRA between the model and all that takes its UNet. */
function addLora(graph, lora) {
  graph.nodes.lora = { id: 'lora', type: 'lora_loader', lora, weight: 1, use_cache: false, is_intermediate: true };
  for (const { source } of graph.edges) {
    if (source.node_id === 'model' && source.field === 'unet') source.node_id = 'lora';
  }
  graph.edges.push({ source: end('model.unet'), destination: end('lora.unet') });
}

function end(text) {
  const [node_id, field] = text.split('.');
  return { node_id, field };
}

/** Whether these bytes are a PNG of this width and height. */
export function assertPng(bytes, width, height) {
  assert.equal(bytes.subarray(1, 4).toString(), 'PNG');
  assert.deepEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], [width, height]);
}
