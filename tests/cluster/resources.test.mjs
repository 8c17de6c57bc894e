// The definitions in the cluster: every sample is admitted, what can never work is refused with a sentence that
// a person understands.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { before, test } from 'node:test';
import { apply, get, kubectl, kubectlWith, makeNamespace } from './lib/kubernetes.mjs';

const namespace = 'test-resources';
const samples = `${process.env.REPOSITORY}/samples`;
const dryRun = '--dry-run=server';

const studio = (spec, name = 'studio') => ({ apiVersion: 'invokeai.dev/v1alpha1', kind: 'InvokeAI', metadata: { name, namespace }, spec });

before(() => makeNamespace(namespace));

test('both definitions are established', async () => {
  for (const name of ['invokeais.invokeai.dev', 'invokeusers.invokeai.dev']) {
    await kubectl('wait', `crd/${name}`, '--for=condition=Established', '--timeout=20s');
  }
});

test('every sample is admitted', async () => {
  const files = (await readdir(samples)).filter((file) => /\.ya?ml$/.test(file));
  assert.ok(files.length >= 5, `${files}`);
  for (const file of files) {
    const output = await kubectl('-n', namespace, 'apply', dryRun, '-f', `${samples}/${file}`);
    assert.match(output, /invokeai/i, file);
  }
});

test('an empty spec is a studio', () => apply(studio({}), dryRun));

const refusals = [
  ['two databases', { database: { managed: {}, external: { urlSecretRef: { name: 'x' } } } }, /not both: a studio has one database/],
  ['a volume and a bucket', { storage: { volume: {}, s3: { bucket: 'images' } } }, /not both: images are kept in one place/],
  ['a tag and a digest', { image: { tag: '1', digest: `sha256:${'0'.repeat(64)}` } }, /not both: a digest already names/],
  ['replicas and autoscale', { workers: { replicas: 2, autoscale: { max: 3 } } }, /replicas or autoscale, not both/],
  ['a minimum above the maximum', { workers: { autoscale: { min: 4, max: 3 } } }, /min must not be above/],
  ['a pool named like the default one', { workerPools: [{ name: 'default' }] }, /give this one another name/],
  ['two pools of one name', { workerPools: [{ name: 'a' }, { name: 'a' }] }, /Duplicate value/],
  ['a claim that exists with a size', { storage: { volume: { claimName: 'x', size: '1Gi' } } }, /one or the other/],
  ['replicas and autoscale of a named pool', { workerPools: [{ name: 'a', replicas: 2, autoscale: { max: 3 } }] }, /replicas or autoscale, not both/],
  ['a claim of models that exists with an access mode', { models: { volume: { claimName: 'x', accessMode: 'ReadWriteMany' } } }, /one or the other/],
  ['no server', { server: { replicas: 0 } }, /spec.server.replicas/],
];
for (const [what, spec, message] of refusals) {
  test(`${what}: refused`, () => assert.rejects(apply(studio(spec), dryRun), message));
}

test('a name from which no Service can be made: refused', () =>
  assert.rejects(apply(studio({}, 'a-name-of-more-than-thirty-characters'), dryRun), /30 characters/));

test('a field that does not exist is refused, not ignored', () =>
  assert.rejects(kubectlWith(studio({ workerz: {} }), 'create', dryRun, '--validate=strict'), /workerz/));

// Changes need an object that exists. It is paused, so that nothing is made for it.
const changes = [
  ['the volume of a database', 'database', (size) => ({ database: { managed: { size } } }), /database.managed.size cannot shrink/],
  ['the volume of images', 'images', (size) => ({ storage: { volume: { size } } }), /size cannot shrink/],
  ['the volume of models', 'models', (size) => ({ models: { volume: { size } } }), /size cannot shrink/],
];
for (const [what, name, spec, message] of changes) {
  test(`${what} can grow, but not shrink`, async () => {
    const sized = (size) => studio({ paused: true, ...spec(size) }, name);
    await apply(sized('10Gi'));
    for (const size of ['5Gi', '9999Mi']) await assert.rejects(apply(sized(size), dryRun), message);
    await apply(sized('10240Mi'), dryRun);
    await apply(sized('20Gi'), dryRun);
    await kubectl('-n', namespace, 'delete', 'invokeai', name, '--timeout=180s');
    assert.equal(await get(namespace, 'invokeai', name), undefined);
  });
}

const user = (spec, name = 'ada') => ({
  apiVersion: 'invokeai.dev/v1alpha1', kind: 'InvokeUser', metadata: { name, namespace },
  spec: { instance: { name: 'studio' }, email: 'ada@example.com', ...spec },
});
const userRefusals = [
  ['an address that is none', { email: 'ada' }, /spec.email/],
  ['two passwords', { generatePassword: true, passwordSecretRef: { name: 'x' } }, /not both/],
  ['an heir of an account that stays', { reassignTo: 'ben@example.com' }, /needs reclaimPolicy Delete/],
  ['an heir of an account that is only deactivated', { reclaimPolicy: 'Deactivate', reassignTo: 'ben@example.com' }, /needs reclaimPolicy Delete/],
  ['an account that inherits from itself', { reclaimPolicy: 'Delete', reassignTo: 'ada@example.com' }, /must be another account/],
  ['a policy that does not exist', { reclaimPolicy: 'Forget' }, /Retain.*Deactivate.*Delete|Unsupported value/],
  ['no studio', { instance: { name: '' } }, /spec.instance.name/],
];
for (const [what, spec, message] of userRefusals) {
  test(`InvokeUser, ${what}: refused`, () => assert.rejects(apply(user(spec), dryRun), message));
}

test('an account cannot move to another studio, nor change its address; the rest of it can change', async () => {
  // There is no such studio, so nothing happens to it.
  await apply(user({}));
  await assert.rejects(apply(user({ instance: { name: 'other' } }), dryRun), /cannot move to another studio/);
  await assert.rejects(apply(user({ instance: { name: 'studio', namespace: 'elsewhere' } }), dryRun), /cannot move to another studio/);
  await assert.rejects(apply(user({ email: 'ben@example.com' }), dryRun), /email of an account cannot change/);
  await apply(user({ displayName: 'Ada', admin: true, reclaimPolicy: 'Delete', reassignTo: 'ben@example.com' }), dryRun);
  await kubectl('-n', namespace, 'delete', 'invokeuser', 'ada', '--timeout=90s');
});
