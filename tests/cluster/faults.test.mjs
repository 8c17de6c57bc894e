// What breaks, and what the conditions say meanwhile: it heals, and nothing that was acknowledged is lost.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { apply, condition, get, kubectl, list, makeNamespace, patience, secondsSince, secret, until, within } from './lib/kubernetes.mjs';
import { IngressController } from './lib/ingress.mjs';
import { killProcess, withoutService } from './lib/node.mjs';
import { killLeader, leader } from './lib/operator.mjs';
import {
  administratorEmail, administratorPassword, available, isReady, ownDatabase, patch, podsOf, studioOf, studioResource,
} from './lib/resources.mjs';
import { assertPng, Studio } from './lib/studio.mjs';

const namespace = 'test-faults';
const name = 'tough';
const nodeName = 'test-node';
let ingress;
let administrator;

const studio = () => studioOf(namespace, name);
const turns = (type, status, seconds = 60) =>
  until(`${type} to turn ${status}`, seconds, async () => {
    const found = condition(await studio(), type);
    return found?.status === status && found;
  });
const bothWorkersReady = () =>
  until('both workers to be ready', 90, async () => (await podsOf(namespace, name, 'worker')).filter(isReady).length === 2);

const isRolledOut = async (deployment) => {
  const { metadata, spec, status } = await get(namespace, 'deployment', deployment);
  return status.observedGeneration >= metadata.generation && [status.replicas, status.updatedReplicas, status.availableReplicas].every((count) => count === spec.replicas);
};

/** Ends the main process of the first container of a pod, without any word to anybody. */
const kill = async (pod, program) => killProcess(pod.metadata.uid, program);

before(async () => {
  await makeNamespace(namespace);
  const server = { ...studioResource(namespace, name).spec.server, replicas: 2 };
  await apply(studioResource(namespace, name, { server }));
  await available(namespace, name);
  ingress = await IngressController.start(namespace);
  administrator = new Studio(ingress.address(`${name}.test`));
  assert.equal(await administrator.signIn(administratorEmail, await administratorPassword(namespace, name)), 200);
});
after(async () => {
  await kubectl('uncordon', nodeName);
  await ingress?.stop();
  await kubectl('delete', 'namespace', namespace, '--timeout=360s');
});

test('SIGKILL of a worker in the middle of an item: another one makes the image', async () => {
  await bothWorkersReady();
  const ids = await administrator.enqueue('a yellow star', { runs: 4, steps: 40, size: 128 });
  const running = await until('an item to run', 60, async () => {
    for (const id of ids) if ((await administrator.item(id)).status === 'in_progress') return id;
  });
  const start = Date.now();
  for (const pod of await podsOf(namespace, name, 'worker')) await kill(pod, 'invoke');
  const items = await administrator.completed(ids, 240);
  console.log(`all items were complete ${secondsSince(start)} s after both workers were killed, item ${running} among them`);
  for (const item of items) assertPng(await administrator.imageOf(item), 128, 128);
});

test('the database is killed: it comes back with everything, and the conditions tell', async () => {
  const before = (await administrator.ask('GET', '/api/v1/queue/default/status')).queue.completed;
  const [pod] = await podsOf(namespace, name, 'database');
  const restarts = async () => (await get(namespace, 'pod', pod.metadata.name)).status.containerStatuses[0].restartCount;
  const restarted = await restarts();
  const start = Date.now();
  await kill(pod, 'postgres');
  // It is back within two seconds, before anybody may have looked. After a second time Kubernetes waits for ten.
  await until('the database to start again', 60, async () => (await restarts()) > restarted);
  await until('the database to be killed again', 60, async () => (await kill(pod, 'postgres'), true));
  const down = await turns('DatabaseReady', 'False', 20);
  console.log(`DatabaseReady=False ${down.reason}: ${down.message}`);
  await turns('DatabaseReady', 'True', 90);
  await until('the studio to answer', 90, async () => (await administrator.request('GET', '/readyz')).status === 200);
  console.log(`the studio answered ${secondsSince(start)} s after its database was killed`);
  assert.equal((await administrator.ask('GET', '/api/v1/queue/default/status')).queue.completed, before);
  await administrator.completed(await administrator.enqueue('a blue fish', { steps: 2 }), 120);
});

// What is promised: the studio stays available. What the killed server was answering breaks off, and so does what
// is sent to it until the node takes it out of the Service: the proxy in front answers 502, for some seconds at most.
// The other server answers all that it gets. What was acknowledged is done.
test('a server is killed under load: the other one answers, and what was acknowledged is done', async () => {
  await until('both servers', 60, async () => (await podsOf(namespace, name, 'server')).filter(isReady).length === 2);
  const [victim] = await podsOf(namespace, name, 'server');
  const answers = { good: 0, bad: {} };
  let last = 0;
  const acknowledged = [];
  let loading = true;
  const load = async () => {
    while (loading) {
      const asked = Date.now();
      const { status } = await administrator.request('GET', '/api/v1/boards/?all=true').catch((error) => ({ status: error.message }));
      if (status === 200) answers.good += 1;
      else {
        answers.bad[status] = (answers.bad[status] ?? 0) + 1;
        // When it was sent: an answer may take longer.
        last = Math.max(last, asked);
      }
      await sleep(50);
    }
  };
  const clients = [load(), load(), load()];
  await sleep(1000);
  assert.deepEqual(answers.bad, {}, 'nothing fails before');
  const start = Date.now();
  await kill(victim, 'invoke');
  for (let index = 0; index < 3; index += 1) {
    acknowledged.push(...(await until('the queue to take an item', 30, () => administrator.enqueue('a red car', { steps: 2 }))));
  }
  await until('the killed server to be back', 60, async () => {
    const found = (await podsOf(namespace, name, 'server')).find((pod) => pod.metadata.uid === victim.metadata.uid);
    const { restartCount } = found.status.containerStatuses[0];
    if (restartCount > victim.status.containerStatuses[0].restartCount) return isReady(found);
    // One server is enough, so nothing is wrong in the eyes of who uses it.
    assert.equal(condition(await studio(), 'Available').status, 'True');
    return false;
  });
  await sleep(2000);
  loading = false;
  await Promise.all(clients);
  const gap = Math.max(0, last - start) / 1000;
  const bad = Object.values(answers.bad).reduce((sum, count) => sum + count, 0);
  console.log(`of ${answers.good + bad} requests ${bad} failed ${JSON.stringify(answers.bad)}, the last one sent ${gap.toFixed(1)} s after the kill`);
  assert.ok(Object.keys(answers.bad).every((status) => status === '502'), 'only the proxy fails, neither server answers with an error');
  assert.ok(gap <= 6, `requests failed for ${gap} s`);
  assert.equal(condition(await studio(), 'Available').status, 'True');
  await administrator.completed(acknowledged, 120);
});

test('the node is drained: nothing is lost, and the budget keeps a server', async () => {
  const ids = await administrator.enqueue('a green tree', { runs: 3, steps: 20 });
  const start = Date.now();
  // There is no other node, so the second server has nowhere to go and the budget protects it.
  await assert.rejects(
    kubectl('drain', nodeName, '--pod-selector', `app.kubernetes.io/instance=${name},app.kubernetes.io/component in (server,worker)`,
      '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=20s'),
    /disruption budget|timed out|global timeout/,
  );
  assert.equal((await podsOf(namespace, name, 'server')).filter(isReady).length, 1, 'one server is left');
  assert.equal((await administrator.request('GET', '/api/v1/app/version')).status, 200);
  const found = condition(await studio(), 'WorkersReady');
  console.log(`while the node is drained: WorkersReady=${found.status} ${found.reason}: ${found.message}`);
  await kubectl('uncordon', nodeName);
  await administrator.completed(ids, 180);
  await bothWorkersReady();
  console.log(`all items were complete and all workers back ${secondsSince(start)} s after the drain began`);
});

test("the database's pod is evicted: it comes back with its claim", async () => {
  const [pod] = await podsOf(namespace, name, 'database');
  const start = Date.now();
  await kubectl('drain', nodeName, '--pod-selector', `app.kubernetes.io/instance=${name},app.kubernetes.io/component=database`,
    '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=180s');
  const found = await turns('DatabaseReady', 'False', 30);
  console.log(`DatabaseReady=False ${found.reason}: ${found.message}`);
  await kubectl('uncordon', nodeName);
  await turns('DatabaseReady', 'True', 90);
  assert.notEqual((await podsOf(namespace, name, 'database'))[0].metadata.uid, pod.metadata.uid);
  await until('the studio to answer', 90, async () => (await administrator.request('GET', '/readyz')).status === 200);
  console.log(`the studio answered ${secondsSince(start)} s after the eviction`);
  await administrator.completed(await administrator.enqueue('a blue fish', { steps: 2 }), 120);
});

test('a bad image: the old servers go on, and the condition names the image', async () => {
  await patch(namespace, 'invokeai', name, { spec: { image: { tag: 'does-not-exist' } } });
  const found = await turns('Degraded', 'True', 90);
  assert.match(found.message, /does-not-exist|image/i);
  assert.equal((await administrator.request('GET', '/api/v1/app/version')).status, 200);
  await patch(namespace, 'invokeai', name, { spec: { image: null } });
  await turns('Degraded', 'False', 90);
  await available(namespace, name);
});

test('a Secret is deleted: the administrator stays able to sign in', async () => {
  const password = await administratorPassword(namespace, name);
  const digest = async () => (await get(namespace, 'deployment', `${name}-server`)).spec.template.metadata.annotations['invokeai.dev/signing-key'];
  const before = await digest();
  await kubectl('-n', namespace, 'delete', 'secret', `${name}-signing-key`);
  const made = await until('the signing key to be there again', 30, () => get(namespace, 'secret', `${name}-signing-key`));
  assert.ok(made.data.key);
  // A new key ends the old sessions, and the servers take it up, one after the other.
  await until('the servers to roll', 60, async () => (await digest()) !== before);
  await until('the rollout to end', 120, async () => (await isRolledOut(`${name}-server`)) && (await digest()) !== before);
  await until('to sign in and work', 120, async () => {
    const session = administrator.another();
    if ((await session.signIn(administratorEmail, password)) !== 200) return false;
    administrator = session;
    return (await session.request('GET', '/api/v1/queue/default/status')).status === 200;
  });
  await available(namespace, name);
});

test('SIGKILL of the operator that leads, in the middle of a rollout: the other one takes over within 15 s', async () => {
  await until('a leader', 30, leader);
  await patch(namespace, 'invokeai', name, { spec: { server: { settings: { max_queue_size: 500 } } } });
  const start = Date.now();
  const killed = await killLeader();
  await within('another leader', 15, async () => ![undefined, killed].includes(await leader()));
  console.log(`another operator led ${secondsSince(start)} s after the leader was killed`);
  await until('the setting to arrive', 90, async () => (await get(namespace, 'configmap', `${name}-settings`)).data.INVOKEAI_MAX_QUEUE_SIZE === '500');
  await until('the rollout to end', 120, async () => condition(await studio(), 'Progressing')?.status === 'False');
});

test('a manifest is changed by hand: it is put back, and an Event says so', async () => {
  const server = () => get(namespace, 'deployment', `${name}-server`);
  const wanted = (await server()).spec;
  await kubectl('-n', namespace, 'set', 'env', `deployment/${name}-server`, 'INVOKEAI_SIGNING_KEY_FILE=/tmp/none', '--overwrite');
  await kubectl('-n', namespace, 'scale', `deployment/${name}-server`, '--replicas=0');
  await until('all to be as before', 30, async () => {
    const found = (await server()).spec;
    const environment = (spec) => spec.template.spec.containers[0].env.find((variable) => variable.name === 'INVOKEAI_SIGNING_KEY_FILE');
    return found.replicas === wanted.replicas && JSON.stringify(environment(found)) === JSON.stringify(environment(wanted));
  });
  const events = await list(namespace, 'events');
  assert.ok(events.some((event) => event.reason === 'DriftRepaired' && event.message.includes(`${name}-server`)), 'there is an Event');
  await until('the rollout to end', 120, () => isRolledOut(`${name}-server`));
  await available(namespace, name);
  await administrator.completed(await administrator.enqueue('a blue fish', { steps: 2 }), 120);
});

test('the API server is away for 30 seconds: the studio works on, and the operator catches up', async () => {
  const items = await withoutService('kube-apiserver', 30, async () => {
    // Also what is asked for during the outage is done during the outage.
    const ids = await administrator.enqueue('a purple ball', { runs: 2, steps: 2 });
    return administrator.completed(ids, 30 / patience);
  });
  for (const item of items) assertPng(await administrator.imageOf(item), 64, 64);
  const start = Date.now();
  await until('the API server', 60, async () => studio());
  await patch(namespace, 'invokeai', name, { spec: { workers: { replicas: 1 } } });
  await until('the operator to carry it out', 60, async () => (await get(namespace, 'deployment', `${name}-worker-default`)).spec.replicas === 1);
  console.log(`the operator carried out a change ${secondsSince(start)} s after the API server came back`);
  // Kubernetes' own controllers wait longer before they look again.
  await until('one worker', 60, async () => (await podsOf(namespace, name, 'worker')).length === 1);
  console.log(`Kubernetes had done so ${secondsSince(start)} s after`);
  await patch(namespace, 'invokeai', name, { spec: { workers: { replicas: 2 } } });
  await bothWorkersReady();
  await available(namespace, name);
  await administrator.completed(await administrator.enqueue('a blue fish', { steps: 2 }), 120);
});

test('etcd starts anew: nothing changes', async () => {
  const ids = await administrator.enqueue('a green tree', { runs: 2, steps: 10 });
  const uids = async () => [
    (await studio()).metadata.uid,
    ...(await podsOf(namespace, name, 'server')).map((pod) => pod.metadata.uid).sort(),
    ...(await podsOf(namespace, name, 'worker')).map((pod) => pod.metadata.uid).sort(),
  ].join();
  const before = await uids();
  await withoutService('etcd', 3, () => undefined);
  await until('the API server', 90, async () => (await uids()) === before);
  await administrator.completed(ids, 120);
  await available(namespace, name);
  await patch(namespace, 'invokeai', name, { spec: { server: { settings: { max_queue_size: 600 } } } });
  await until('a change to arrive', 90, async () => (await get(namespace, 'configmap', `${name}-settings`)).data.INVOKEAI_MAX_QUEUE_SIZE === '600');
  await until('the rollout to end', 120, async () => (await isRolledOut(`${name}-server`)) && condition(await studio(), 'Progressing')?.status === 'False');
});

test('a database URL that is wrong: the condition says what is wrong, and the right one heals it', async () => {
  const broken = 'wrong';
  const urlSecret = (uri) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'own-database', namespace }, stringData: { uri } });
  await apply([
    urlSecret('postgresql://nobody:the-wrong-password@nowhere.invalid:5432/x'),
    studioResource(namespace, broken, { database: { external: { urlSecretRef: { name: 'own-database' } } } }),
  ]);
  const migrated = (reason, seconds) => until(`Migrated to be False with ${reason}`, seconds, async () => {
    const found = condition(await studioOf(namespace, broken), 'Migrated');
    return found?.status === 'False' && found.reason === reason && found;
  });
  const found = await migrated('MigrationFailed', 180);
  console.log(`Migrated=False ${found.reason}: ${found.message}`);
  assert.match(found.message, /cannot connect to the database/);
  assert.match(found.message, /kubectl logs/);
  const status = await studioOf(namespace, broken);
  assert.equal(condition(status, 'Available').status, 'False');
  assert.equal(condition(status, 'Degraded').status, 'True');
  assert.ok(!JSON.stringify(status.status).includes('the-wrong-password'), 'the status holds no password');
  const { uri, objects } = ownDatabase(namespace, 'own-postgres', 'the-right-password');
  await apply(objects);
  await kubectl('-n', namespace, 'wait', 'pod/own-postgres', '--for=condition=Ready', '--timeout=120s');
  const start = Date.now();
  await apply(urlSecret(uri));
  await available(namespace, broken);
  console.log(`available ${secondsSince(start)} s after the URL was put right`);
  await kubectl('-n', namespace, 'delete', 'invokeai', broken, '--timeout=270s');
  assert.equal((await secret(namespace, 'own-database')).uri, uri, 'a Secret of a person is never deleted');
});
