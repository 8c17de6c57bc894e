// Many resources: how long until all are ready, what the operator needs meanwhile, and that it then writes nothing.
// The operator that leads is killed while studios start, so that another one begins with all of them at once.
// STUDIOS, USERS and REST_SECONDS make it smaller.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { operatorWrites } from './lib/audit.mjs';
import { apply, kubectl, makeNamespace, secondsSince, until } from './lib/kubernetes.mjs';
import { killLeader } from './lib/operator.mjs';
import { available, ownDatabase, studioResource, userResource } from './lib/resources.mjs';

const namespace = 'test-many';
const number = (name, otherwise) => Number(process.env[name] ?? otherwise);
const studios = number('STUDIOS', 50);
const users = number('USERS', 1000);
const rest = number('REST_SECONDS', 600);
const names = (prefix, count) => Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

before(() => makeNamespace(namespace));
after(async () => {
  // The accounts first: their finalizer needs the studio.
  await kubectl('-n', namespace, 'delete', 'invokeuser', '--all', '--timeout=600s');
  await kubectl('delete', 'namespace', namespace, '--timeout=600s');
});

/** The largest working set of an operator's pod now, in bytes. */
async function operatorMemory() {
  const { pods } = JSON.parse(await kubectl('get', '--raw', '/api/v1/nodes/test-node/proxy/stats/summary'));
  const ours = pods.filter((pod) => pod.podRef.namespace === process.env.OPERATOR_NAMESPACE);
  return Math.max(...ours.map((pod) => pod.memory?.workingSetBytes ?? 0));
}

/** How many objects of a kind have a condition; asked seldom, since the answer is long. */
async function countWith(kind, type) {
  await sleep(2000);
  const path = `{range .items[*]}{.status.conditions[?(@.type=="${type}")].status}{"\\n"}{end}`;
  return (await kubectl('-n', namespace, 'get', kind, '-o', `jsonpath=${path}`)).split('\n').filter((status) => status === 'True').length;
}

test(`${users} accounts in one studio`, async () => {
  await apply(studioResource(namespace, 'crowd', { workers: { replicas: 0, executionProvider: 'cpu' } }));
  await available(namespace, 'crowd');
  const start = Date.now();
  await apply(names('person', users).map((name) => userResource(namespace, 'crowd', name, { displayName: name, generatePassword: true })));
  console.log(`applied after ${secondsSince(start)} s`);
  await until('all accounts to be ready', 60 + users, async () => (await countWith('invokeuser', 'Ready')) === users);
  console.log(`${users} accounts were ready after ${secondsSince(start)} s; the operator uses ${(await operatorMemory()) >> 20} MiB`);
});

test(`${studios} studios`, async () => {
  // One PostgreSQL for all of them, with a database for each: fifty of their own would need a larger machine, for
  // their start and for the probes that run a program in each of them every three seconds.
  const { uri, objects } = ownDatabase(namespace, 'shared-postgres', 'a-password-of-the-tests');
  await apply(objects);
  await kubectl('-n', namespace, 'wait', 'pod/shared-postgres', '--for=condition=Ready', '--timeout=180s');
  const all = names('studio', studios);
  const databases = `for name in ${all.join(' ')}; do createdb -h /tmp -U studio "$name"; done`;
  await kubectl('-n', namespace, 'exec', 'shared-postgres', '--', 'sh', '-ec', databases);
  const uriOf = (name) => Object.assign(new URL(uri), { pathname: `/${name}` }).href;
  await apply(all.map((name) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: `${name}-own`, namespace }, stringData: { uri: uriOf(name) } })));
  const start = Date.now();
  const small = { requests: { cpu: '1m', memory: '16Mi' } };
  await apply(all.map((name) => studioResource(namespace, name, {
    server: { replicas: 1, resources: small }, workers: { replicas: 0, executionProvider: 'cpu' },
    database: { external: { urlSecretRef: { name: `${name}-own` } } },
  })));
  await sleep(10_000);
  await killLeader();
  await until('all studios to be available', 60 + 40 * studios, async () => (await countWith('invokeai', 'Available')) === studios + 1);
  console.log(`${studios} studios were available after ${secondsSince(start)} s; the operator uses ${(await operatorMemory()) >> 20} MiB`);
});

test(`at rest nothing is written for ${rest} s`, async () => {
  await until('ten seconds without a write', 180, async () => {
    const start = Date.now();
    await sleep(10_000);
    return (await operatorWrites(start)).length === 0;
  });
  const start = Date.now();
  await sleep(rest * 1000);
  assert.deepEqual(await operatorWrites(start), []);
  assert.ok((await operatorWrites()).length > 0, 'the audit log is written');
  console.log(`the operator uses ${(await operatorMemory()) >> 20} MiB at rest`);
});
