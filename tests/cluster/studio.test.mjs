// One resource is applied and a team has a studio: it becomes available, its administrator signs in through the
// Ingress, and a prompt becomes an image.
import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { operatorWrites } from './lib/audit.mjs';
import { apply, get, kubectl, list, makeNamespace, secondsSince, until } from './lib/kubernetes.mjs';
import { fileForm } from './lib/http.mjs';
import { IngressController } from './lib/ingress.mjs';
import { run } from './lib/programs.mjs';
import {
  administratorEmail, administratorPassword, available, isReady, patch, podsOf, studioOf, studioResource,
} from './lib/resources.mjs';
import { assertPng, Studio } from './lib/studio.mjs';

const namespace = 'test-studio';
const name = 'team';
let ingress;
let administrator;

before(() => makeNamespace(namespace));
after(async () => {
  await ingress?.stop();
  await kubectl('delete', 'namespace', namespace, '--timeout=360s');
});

test('a studio with two workers becomes available, under the restricted Pod Security Standard', async () => {
  const start = Date.now();
  await apply(studioResource(namespace, name));
  await available(namespace, name);
  console.log(`available ${secondsSince(start)} s after apply`);
  const studio = await studioOf(namespace, name);
  assert.equal(studio.status.url, 'http://team.test');
  assert.deepEqual(studio.status.pools.map(({ name, desired }) => [name, desired]), [['default', 2]]);
  await until('both workers to be ready', 60, async () => (await podsOf(namespace, name, 'worker')).filter(isReady).length === 2);
});

test('each worker has a GPU of its own', async () => {
  for (const pod of await podsOf(namespace, name, 'worker')) {
    assert.equal(pod.spec.containers[0].resources.limits['nvidia.com/gpu'], '1');
  }
});

test('kubectl get shows what a person looks for', async () => {
  const [head, line] = (await kubectl('-n', namespace, 'get', 'iai')).trim().split('\n');
  assert.deepEqual(head.split(/\s+/), ['NAME', 'READY', 'URL', 'WORKERS', 'QUEUE', 'AGE']);
  assert.match(line, /^team +True +http:\/\/team\.test +2\/2 +0 /);
});

test('no stranger can set up the studio, and the administrator signs in with the generated password', async () => {
  ingress = await IngressController.start(namespace);
  const stranger = new Studio(ingress.address('team.test'));
  const status = await stranger.ask('GET', '/api/v1/auth/status');
  assert.equal(status.setup_required, false);
  assert.equal(status.multiuser_enabled, true);
  assert.equal((await stranger.request('GET', '/api/v1/queue/default/status')).status, 401);
  administrator = stranger.another();
  assert.equal(await administrator.signIn(administratorEmail, 'not the password'), 401);
  assert.equal(await administrator.signIn(administratorEmail, await administratorPassword(namespace, name)), 200);
});

test('the stock UI is served through the Ingress', async () => {
  const page = await administrator.request('GET', '/');
  assert.equal(page.status, 200);
  assert.match(page.body.toString(), /<div id="root">/);
});

test('sockets are upgraded through the Ingress', async () => {
  assert.equal(await administrator.socket(), 101);
});

test('a prompt becomes an image of the bundled model', async () => {
  const ids = await administrator.enqueue('a red heart', { size: 128, steps: 8 });
  const [item] = await administrator.completed(ids);
  assertPng(await administrator.imageOf(item), 128, 128);
});

test('the LoRA and the ControlNet that come with it are there too, and the LoRA paints', async () => {
  await administrator.bundledModel('controlnet');
  const ids = await administrator.enqueue('a red heart', { size: 128, steps: 8, lora: true });
  const [item] = await administrator.completed(ids);
  assertPng(await administrator.imageOf(item), 128, 128);
});

test('an upload larger than a controller admits by default comes through', async () => {
  const form = fileForm('not-really.png', 'image/png', Buffer.alloc(3 << 20, 7));
  const path = '/api/v1/images/upload?image_category=user&is_intermediate=false';
  const answer = await administrator.request('POST', path, undefined, form);
  // The studio looks at it and refuses it, which nginx would have done with 413.
  assert.equal(answer.status, 415, answer.bytes.toString());
});

test('what a person changes by hand is put back', async () => {
  const deployment = (await get(namespace, 'deployment', 'team-server')).spec.template.spec.containers[0];
  await patch(namespace, 'deployment', 'team-worker-default', { spec: { replicas: 5 } });
  await kubectl('-n', namespace, 'set', 'image', 'deployment/team-server', 'server=docker.io/invokestudio/nothing:0');
  await until('both to be as before', 30, async () => {
    const server = await get(namespace, 'deployment', 'team-server');
    const workers = await get(namespace, 'deployment', 'team-worker-default');
    return server.spec.template.spec.containers[0].image === deployment.image && workers.spec.replicas === 2;
  });
  await available(namespace, name);
});

test('kubectl invoke tells how the studio is, shows its logs, and drains a worker', async () => {
  // kubectl finds its plugin by the name of a program on the PATH.
  const directory = await mkdtemp(join(tmpdir(), 'invoke-plugin-'));
  await symlink(process.env.INVOKE, join(directory, 'kubectl-invoke'));
  const plugin = (...args) => run('env', `PATH=${directory}:${process.env.PATH}`, 'kubectl', 'invoke', ...args, '--namespace', namespace);
  const status = await plugin('status', name);
  assert.match(status, /^team +http:\/\/team\.test\n/);
  assert.match(status, /Available +True/);
  assert.match(status, /pool default +2 of 2 ready/);
  assert.match(await plugin('logs', name, '--component', 'server'), /^team-server-\S+ /m);
  const [worker] = await podsOf(namespace, name, 'worker');
  assert.match(await plugin('drain', worker.metadata.name), /finishes its item within 30 s/);
  await until('another worker in its place', 60, async () => {
    const pods = (await podsOf(namespace, name, 'worker')).filter(isReady);
    return pods.length === 2 && pods.every((pod) => pod.metadata.name !== worker.metadata.name);
  });
  await rm(directory, { recursive: true });
});

test('an object that is deleted comes back', async () => {
  await kubectl('-n', namespace, 'delete', 'service', 'team-server');
  await until('the Service to be there', 20, () => get(namespace, 'service', 'team-server'));
  await ingress.reload();
  await until('the studio to answer', 30, async () => (await administrator.request('GET', '/api/v1/app/version')).status === 200);
});

/** Waits until the operator has come to rest, and that it then writes nothing for so many seconds. */
async function restsFor(seconds) {
  // The last change may still be reported.
  await until('five seconds without a write', 90, async () => {
    const start = Date.now();
    await sleep(5000);
    return (await operatorWrites(start)).length === 0;
  });
  const start = Date.now();
  await sleep(seconds * 1000);
  assert.deepEqual(await operatorWrites(start), []);
}

test('at rest nothing is written', async () => {
  await restsFor(20);
  assert.ok((await operatorWrites()).some((write) => write.includes(`${namespace}/${name}`)), 'the audit log is written');
});

test('an operator that comes to a studio which is there finds nothing to write', async () => {
  const system = process.env.OPERATOR_NAMESPACE;
  const start = Date.now();
  await kubectl('-n', system, 'rollout', 'restart', 'deployment/invoke-operator');
  await kubectl('-n', system, 'rollout', 'status', 'deployment/invoke-operator', '--timeout=180s');
  const pods = (await list(system, 'pods')).filter((pod) => !pod.metadata.deletionTimestamp).map((pod) => pod.metadata.name);
  await until('one of the new ones to lead', 60, async () => pods.includes((await get(system, 'lease', 'invoke-operator')).spec.holderIdentity));
  await sleep(15_000);
  const written = (await operatorWrites(start)).filter((write) => !write.includes('events'));
  assert.deepEqual(written, []);
});

test('a pool that is taken out and an Ingress that is switched off go', async () => {
  const pools = [{ name: 'second', replicas: 1, executionProvider: 'cpu', resources: { requests: { cpu: '20m', memory: '128Mi' } } }];
  await patch(namespace, 'invokeai', name, { spec: { workerPools: pools } });
  await until('the second pool', 30, () => get(namespace, 'deployment', 'team-worker-second'));
  await patch(namespace, 'invokeai', name, { spec: { workerPools: null, server: { ingress: null } } });
  await until('both to be gone', 30, async () =>
    !(await get(namespace, 'deployment', 'team-worker-second')) && !(await get(namespace, 'ingress', 'team-server')));
  // Asked to stop in the moment in which it starts, a worker goes too, and not after its grace of five minutes.
  await until('its worker to be gone', 60, async () => (await list(namespace, 'pods', 'invokeai.dev/pool=second')).length === 0);
});

test('a studio that is deleted goes, with its data when the policy says so', async () => {
  await kubectl('-n', namespace, 'delete', 'invokeai', name, '--timeout=270s');
  await until('everything to be gone', 90, async () => {
    const left = [];
    for (const kind of ['deployment', 'statefulset', 'service', 'secret', 'pvc', 'pod']) {
      left.push(...(await list(namespace, kind, `app.kubernetes.io/instance=${name}`)));
    }
    return left.length === 0;
  });
});
