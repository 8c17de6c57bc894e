// Pools that grow with the queue, to zero and back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { queried } from './lib/database.mjs';
import { apply, kubectl, makeNamespace, secondsSince, until } from './lib/kubernetes.mjs';
import { IngressController } from './lib/ingress.mjs';
import { administratorEmail, administratorPassword, available, isReady, patch, podsOf, studioResource } from './lib/resources.mjs';
import { Studio } from './lib/studio.mjs';

const namespace = 'test-autoscale';
const name = 'elastic';
let ingress;
let administrator;

before(async () => {
  await makeNamespace(namespace);
  const workers = {
    ...studioResource(namespace, name).spec.workers,
    replicas: undefined,
    autoscale: { min: 0, max: 3, itemsPerWorker: 2, coolDownSeconds: 10 },
  };
  await apply(studioResource(namespace, name, { workers }));
  await available(namespace, name);
  ingress = await IngressController.start(namespace);
  administrator = new Studio(ingress.address(`${name}.test`));
  assert.equal(await administrator.signIn(administratorEmail, await administratorPassword(namespace, name)), 200);
});
after(async () => {
  await ingress?.stop();
  await kubectl('delete', 'namespace', namespace, '--timeout=360s');
});

test('an idle pool has no workers', async () => {
  await until('no worker to be there', 60, async () => (await podsOf(namespace, name, 'worker')).length === 0);
});

test('twenty items bring workers, three at most, and all of them complete', async () => {
  const start = Date.now();
  const ids = await administrator.enqueue('a green tree', { runs: 20, steps: 4 });
  let most = 0;
  await until('all items to complete', 240, async () => {
    most = Math.max(most, (await podsOf(namespace, name, 'worker')).length);
    const status = await administrator.ask('GET', '/api/v1/queue/default/status');
    return status.queue.completed === 20;
  });
  console.log(`twenty items took ${secondsSince(start)} s from no worker on, with ${most} workers at most`);
  assert.ok(most >= 2 && most <= 3, `${most} workers`);
  await administrator.completed(ids, 5);
});

test('when nothing waits, they go', async () => {
  const start = Date.now();
  await until('no worker to be there', 120, async () => (await podsOf(namespace, name, 'worker')).length === 0);
  console.log(`the last worker was gone ${secondsSince(start)} s later`);
});

test('of three workers of which one works, the two idle ones go', async () => {
  const workers = (replicas) => patch(namespace, 'invokeai', name, { spec: { workers: { autoscale: null, replicas } } });
  const present = () => podsOf(namespace, name, 'worker');
  await workers(3);
  await until('three workers', 120, async () => (await present()).filter(isReady).length === 3);
  const [id] = await administrator.enqueue('a red house', { steps: 1000 });
  const query = `select worker_id from queue_items where item_id = ${Number(id)} and status = 'in_progress'`;
  const busy = await until('a worker to take the item', 30, () => queried(namespace, name, query));
  await workers(1);
  await until('one worker to be left', 60, async () => (await present()).length === 1);
  const [left] = await present();
  const { status } = await administrator.item(id);
  assert.deepEqual({ left: left.metadata.name, status }, { left: busy, status: 'in_progress' });
  await administrator.completed([id], 240);
});
