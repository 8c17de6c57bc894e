// From one version to another and back, with items running and people at work: first the migration, then the server,
// then the workers. The other version is the same program under another name: what is tested is the way, not a change
// of the database, which the tests of the store have.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { apply, condition, get, kubectl, list, makeNamespace, secondsSince, until } from './lib/kubernetes.mjs';
import { IngressController } from './lib/ingress.mjs';
import { tagImage } from './lib/node.mjs';
import { administratorEmail, administratorPassword, available, isReady, patch, podsOf, studioOf, studioResource } from './lib/resources.mjs';
import { assertPng, Studio } from './lib/studio.mjs';

const namespace = 'test-upgrade';
const name = 'moving';
const repository = 'docker.io/invokestudio/invokeai';
const present = process.env.IMAGE_TAG;
let ingress;
let administrator;

const studio = () => studioOf(namespace, name);
const imageOf = (deployment) => deployment?.spec.template.spec.containers[0].image.split(':').pop();

before(async () => {
  await tagImage(`${repository}:${present}`, `${repository}:next`);
  // An image that has no program `invoke`.
  await tagImage('docker.io/invokestudio/postgres:15', `${repository}:broken`);
  await makeNamespace(namespace);
  const server = { ...studioResource(namespace, name).spec.server, replicas: 2 };
  await apply(studioResource(namespace, name, { server, image: { repository, tag: present } }));
  await available(namespace, name);
  ingress = await IngressController.start(namespace);
  administrator = new Studio(ingress.address(`${name}.test`));
  assert.equal(await administrator.signIn(administratorEmail, await administratorPassword(namespace, name)), 200);
  await until('everything to be ready', 90, async () => condition(await studio(), 'Progressing')?.status === 'False');
});
after(async () => {
  await ingress?.stop();
  await kubectl('delete', 'namespace', namespace, '--timeout=360s');
});

/** Moves the studio to an image while people ask for things and items run; gives the order in which parts moved. */
async function moveUnderLoad(tag) {
  const ids = await administrator.enqueue('a red heart', { runs: 8, steps: 30, size: 128 });
  const answers = { good: 0, bad: [] };
  let loading = true;
  const load = async () => {
    while (loading) {
      const answer = await administrator.request('GET', '/api/v1/boards/?all=true').catch((error) => ({ status: error.message }));
      if (answer.status === 200) answers.good += 1;
      else answers.bad.push(answer.status);
      await sleep(100);
    }
  };
  const clients = [load(), load()];
  const order = [];
  const note = (step) => order.includes(step) || order.push(step);
  const start = Date.now();
  await patch(namespace, 'invokeai', name, { spec: { image: { tag } } });
  await until('everything to have moved', 240, async () => {
    const jobs = await list(namespace, 'job');
    if (jobs.some((job) => job.status.succeeded && job.spec.template.spec.containers[0].image.endsWith(`:${tag}`))) note('migration');
    if (imageOf(await get(namespace, 'deployment', `${name}-server`)) === tag) note('server');
    if (imageOf(await get(namespace, 'deployment', `${name}-worker-default`)) === tag) note('workers');
    const found = await studio();
    return order.includes('workers') && condition(found, 'Progressing')?.status === 'False' && found.status.versions.server.endsWith(`:${tag}`);
  });
  console.log(`moved to ${tag} after ${secondsSince(start)} s`);
  const items = await administrator.completed(ids, 240);
  loading = false;
  await Promise.all(clients);
  console.log(`of ${answers.good + answers.bad.length} requests ${answers.bad.length} failed; all ${items.length} items are complete`);
  assert.deepEqual(answers.bad, []);
  for (const item of items) assertPng(await administrator.imageOf(item), 128, 128);
  for (const pod of [...(await podsOf(namespace, name, 'server')), ...(await podsOf(namespace, name, 'worker'))]) {
    assert.ok(pod.spec.containers[0].image.endsWith(`:${tag}`), `${pod.metadata.name} runs ${pod.spec.containers[0].image}`);
  }
  return order;
}

test('an upgrade: migration, server, workers; no request is refused and no item lost', async () => {
  assert.deepEqual(await moveUnderLoad('next'), ['migration', 'server', 'workers']);
});

test('a downgrade goes the same way', async () => {
  assert.deepEqual(await moveUnderLoad(present), ['migration', 'server', 'workers']);
});

test('a migration that fails leaves the version before serving, and says so', async () => {
  await patch(namespace, 'invokeai', name, { spec: { image: { tag: 'broken' } } });
  const found = await until('the migration to have failed', 180, async () => {
    const migrated = condition(await studio(), 'Migrated');
    return migrated?.status === 'False' && migrated.reason === 'MigrationFailed' && migrated;
  });
  console.log(`Migrated=False: ${found.message}`);
  assert.match(found.message, /the version before goes on serving/);
  assert.equal(condition(await studio(), 'Available').status, 'True');
  assert.equal((await podsOf(namespace, name, 'server')).filter(isReady).length, 2);
  await administrator.completed(await administrator.enqueue('a blue fish', { steps: 2 }), 60);
  await patch(namespace, 'invokeai', name, { spec: { image: { tag: present } } });
  await until('the studio to be well', 90, async () => condition(await studio(), 'Degraded')?.status === 'False');
});
