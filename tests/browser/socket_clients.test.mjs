// Scripts of users follow the queue with the stock socket.io client: every transport, and who hears what.
// The accounts are those that main_job.test.mjs made.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { io } from 'socket.io-client';
import { signedIn } from './api.mjs';
import { administrator, second } from './people.mjs';
import { baseUrl } from './studio.mjs';

let call;
let tokens;

before(async () => {
  call = await signedIn(administrator);
  tokens = await Promise.all([administrator, second].map(tokenOf));
});

async function tokenOf({ email, password }) {
  const response = await fetch(`${baseUrl}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  return (await response.json()).token;
}

/** A connected client that follows the queue; `events` collects the names and contents of what it hears. */
async function connected(token, transports) {
  const socket = io(baseUrl, { path: '/ws/socket.io', auth: { token }, transports, forceNew: true, reconnection: false });
  socket.heard = [];
  socket.onAny((name, content) => socket.heard.push([name, content]));
  await new Promise((resolve, reject) => {
    socket.on('connect', resolve);
    socket.on('connect_error', (error) => reject(new Error(error.message)));
  });
  socket.emit('subscribe_queue', { queue_id: 'default' });
  return socket;
}

async function heardWithin(socket, wanted, milliseconds = 60_000) {
  const end = Date.now() + milliseconds;
  while (Date.now() < end) {
    const found = socket.heard.find(([name, content]) => wanted(name, content));
    if (found) return found[1];
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not heard: ${JSON.stringify(socket.heard.map(([name]) => name))}`);
}

for (const transports of [['websocket'], ['polling'], ['polling', 'websocket']]) {
  test(`the stock client over ${transports.join(', then ')} hears of the queue as its account may`, async () => {
    const [owner, other] = await Promise.all(tokens.map((token) => connected(token, transports)));
    const secret = `secret of ${transports}`;
    const graph = { id: 'g', nodes: { a: { id: 'a', type: 'string', value: secret } }, edges: [] };
    const { item_ids: [itemId] } = await call('/api/v1/queue/default/enqueue_batch', {
      method: 'POST',
      body: { batch: { graph, runs: 1, origin: secret } },
    });
    const isEnd = (name, content) =>
      name === 'queue_item_status_changed' && content.item_id === itemId && content.status === 'completed';
    const own = await heardWithin(owner, isEnd);
    const told = await heardWithin(other, isEnd);
    assert.equal(own.origin, secret);
    assert.equal(told.user_id, 'redacted');
    assert.equal(told.origin, null);
    assert.ok((await heardWithin(owner, (name) => name === 'invocation_complete')).result.value === secret);
    await heardWithin(other, (name) => name === 'batch_enqueued');
    assert.ok(!JSON.stringify(other.heard).includes('secret'), 'the other person hears nothing of the content');
    assert.ok(!other.heard.some(([name]) => name.startsWith('invocation_')), 'nor of the steps');
    owner.disconnect();
    other.disconnect();
  });
}

test('the stock client is refused without a token, and with one that is not ours', async () => {
  for (const token of [undefined, 'nonsense']) {
    await assert.rejects(connected(token, ['websocket']), /authentication/);
  }
});
