// Every sample, applied: first as it is, where the operator makes what it asks for and says what this cluster lacks for
// it; then with what lies outside of it put in place (volumes for one node, a processor for a GPU, a PostgreSQL, a
// bucket, a registry), where it becomes a studio that paints.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { Bucket } from './lib/bucket.mjs';
import { apply, condition, describeConditions, get, hasCondition, kubectl, makeNamespace, secondsSince, secret, until } from './lib/kubernetes.mjs';
import { administratorEmail, administratorPassword, available, ownDatabase, studioOf } from './lib/resources.mjs';
import { assertPng, Studio } from './lib/studio.mjs';

const samples = `${process.env.REPOSITORY}/samples`;
const studio = 'studio';
const slices = ['nvidia.com/mig-3g.40gb', 'nvidia.com/mig-1g.10gb'];
let bucket;

/** What a studio says, in one of its conditions, of what it lacks here. */
const lacks = {
  'air-gapped': /registry\.example\.org/,
  cloudnativepg: /the Secret studio-pg-app .* create it/,
  'external-postgres-s3': /cannot connect to the database/,
  laptop: undefined,
  mig: /-cuda cannot be pulled/,
  'two-gpu-nodes': /-cuda cannot be pulled|Insufficient cpu/,
};

/** The objects of a sample in a namespace. */
async function objectsOf(name, namespace) {
  const text = await kubectl('-n', namespace, 'apply', '--dry-run=client', '-o', 'json', '-f', `${samples}/${name}.yaml`);
  const found = JSON.parse(text);
  return (found.kind === 'List' ? found.items : [found]).map(({ metadata, ...rest }) => ({
    ...rest,
    metadata: { name: metadata.name, namespace },
  }));
}

const small = (memory) => ({ requests: { cpu: '20m', memory } });

/** The same objects with what this cluster has in place of what it lacks. */
function placed(objects, namespace, database) {
  for (const { kind, metadata, spec, stringData } of objects) {
    if (kind === 'PersistentVolumeClaim') spec.accessModes = ['ReadWriteOnce'];
    if (kind === 'Secret' && stringData.uri) stringData.uri = database.uri;
    if (kind === 'Secret' && stringData.AWS_ACCESS_KEY_ID) Object.assign(stringData, bucket.keys);
    if (kind !== 'InvokeAI') continue;
    assert.equal(metadata.name, studio);
    spec.deletionPolicy = 'Delete';
    spec.server = { ...spec.server, resources: small('64Mi') };
    for (const pool of [(spec.workers ??= {}), ...(spec.workerPools ?? [])]) {
      if (pool.executionProvider !== 'cpu') pool.accelerator ??= { resourceName: 'nvidia.com/gpu' };
      Object.assign(pool, { executionProvider: 'cpu', modelCacheGib: 1, resources: small('128Mi'), terminationGraceSeconds: 30 });
    }
    for (const volume of [spec.storage?.volume, spec.models?.volume]) delete volume?.accessMode;
    if (spec.image) spec.image = { repository: 'docker.io/invokestudio/invokeai', tag: process.env.IMAGE_TAG };
    if (spec.database?.managed?.image) spec.database.managed.image = 'docker.io/invokestudio/postgres:15';
    if (spec.storage?.s3) Object.assign(spec.storage.s3, { bucket: bucket.name, endpoint: bucket.endpoint });
  }
  return objects;
}

/** Lets the node report so many of each slice of a GPU, as a device plugin does; `null`: none at all. */
async function reportSlices(count) {
  const resources = Object.fromEntries(slices.map((name) => [name, count]));
  const node = (await kubectl('get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}')).trim();
  const patch = JSON.stringify({ status: { capacity: resources, allocatable: resources } });
  await kubectl('patch', 'node', node, '--subresource', 'status', '--type', 'merge', '-p', patch);
}

before(async () => {
  // What a GPU operator brings: its runtime class, and slices that its device plugin reports.
  await apply({ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'nvidia' }, handler: 'runc' });
  await reportSlices('2');
  bucket = await Bucket.start('studio-images');
});
after(async () => {
  await bucket?.stop();
  await reportSlices(null);
  await kubectl('delete', 'runtimeclass', 'nvidia');
});

test('every sample is known here', async () => {
  const names = (await readdir(samples)).map((file) => file.replace(/\.yaml$/, ''));
  assert.deepEqual(names.sort(), Object.keys(lacks).sort());
});

for (const [name, lack] of Object.entries(lacks)) {
  test(`${name}, as it is`, async () => {
    const namespace = `sample-${name}`;
    await makeNamespace(namespace);
    try {
      await kubectl('-n', namespace, 'apply', '-f', `${samples}/${name}.yaml`);
      if (!lack) {
        console.log(`${name}: available after ${await available(namespace, studio)} s`);
        return;
      }
      const found = await until('a condition to say what is missing', 60, async () => {
        const { conditions = [] } = (await studioOf(namespace, studio)).status ?? {};
        return conditions.find(({ message }) => lack.test(message));
      }).catch(async (error) => {
        throw new Error(`${error.message}\n${describeConditions(await studioOf(namespace, studio))}`);
      });
      console.log(`${name}: ${found.type}=${found.status} ${found.reason}: ${found.message}`);
      assert.equal(condition(await studioOf(namespace, studio), 'WorkersReady')?.status, 'False');
    } finally {
      await kubectl('delete', 'namespace', namespace, '--wait=false');
    }
  });
}

for (const name of Object.keys(lacks)) {
  test(`${name}, on this cluster: a studio that paints`, async () => {
    const namespace = `placed-${name}`;
    await makeNamespace(namespace);
    try {
      const start = Date.now();
      const database = ownDatabase(namespace, 'own-postgres', 'the-right-password');
      const objects = placed(await objectsOf(name, namespace), namespace, database);
      const spec = objects.find(({ kind }) => kind === 'InvokeAI').spec;
      if (spec.database?.external) {
        await apply(database.objects);
        await kubectl('-n', namespace, 'wait', 'pod/own-postgres', '--for=condition=Ready', '--timeout=180s');
      }
      // CloudNativePG would make this Secret.
      if (name === 'cloudnativepg') {
        objects.push({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'studio-pg-app', namespace }, stringData: { uri: database.uri } });
      }
      await apply(objects);
      await available(namespace, studio);
      await until('all workers to be ready', 120, async () => hasCondition(await studioOf(namespace, studio), 'WorkersReady'));
      console.log(`${name}: everything ready ${secondsSince(start)} s after apply`);

      const address = (await get(namespace, 'service', `${studio}-server`)).spec.clusterIP;
      const administrator = new Studio(`http://${address}:9090`);
      const email = spec.auth?.administrator?.email ?? administratorEmail;
      assert.equal(await administrator.signIn(email, await administratorPassword(namespace, studio)), 200);
      if (spec.models?.bundled === false) {
        assert.deepEqual((await administrator.ask('GET', '/api/v2/models/')).models, [], 'no model but those of its claim');
        return;
      }
      const [item] = await administrator.completed(await administrator.enqueue('a red heart', { steps: 2 }));
      assertPng(await administrator.imageOf(item), 64, 64);
      for (const { metadata, spec: { email } } of objects.filter(({ kind }) => kind === 'InvokeUser')) {
        await until(`the account ${metadata.name}`, 60, async () => hasCondition(await get(namespace, 'invokeuser', metadata.name), 'Ready'));
        const { password } = await secret(namespace, `${metadata.name}-password`);
        assert.equal(await administrator.another().signIn(email, password), 200);
      }
    } finally {
      await kubectl('-n', namespace, 'delete', 'invokeai', studio, '--timeout=270s', '--ignore-not-found');
      await kubectl('delete', 'namespace', namespace, '--wait=false');
    }
  });
}
