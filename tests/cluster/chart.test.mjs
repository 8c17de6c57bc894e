// The chart of the operator: what it makes, what it refuses, and its life from install to uninstall.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { get, kubectl, list, makeNamespace, secondsSince, until } from './lib/kubernetes.mjs';
import { run } from './lib/programs.mjs';
import { isReady } from './lib/resources.mjs';

const chart = `${process.env.REPOSITORY}/charts/invoke-operator`;
const snapshots = `${process.env.REPOSITORY}/tests/cluster/snapshots`;
const namespace = 'test-chart';
const release = 'second';
// A release of its own in one namespace, beside the one that the other tests use; the definitions are that one's.
const settings = [
  '--namespace', namespace,
  '--set', `watchNamespace=${namespace}`, '--set', 'crds.install=false', '--set', `image.tag=${process.env.IMAGE_TAG}`,
  '--wait', '--timeout', '300s',
];

// A helm that was not built by its own Makefile takes the cluster for an old one.
const template = (...args) => run('helm', 'template', 'invoke-operator', chart, '--kube-version', '1.34.4', '--namespace', 'invokeai-system', ...args);
/** The documents of a text of YAML by kind, without needing a parser: each chart template starts them alike. */
const kinds = (text) => [...text.matchAll(/^kind: (\S+)$/gm)].map((found) => found[1]);

before(() => makeNamespace(namespace));
after(async () => {
  await run('helm', 'uninstall', release, '--namespace', namespace, '--ignore-not-found', '--wait').catch(() => undefined);
  await kubectl('delete', 'namespace', namespace, '--timeout=360s');
});

test('helm finds nothing to complain about', async () => {
  assert.match(await run('helm', 'lint', '--strict', chart), /0 chart\(s\) failed/);
});

const recorded = [
  ['defaults', []],
  ['one-namespace', ['--set', 'watchNamespace=art', '--set', 'replicas=1', '--set', 'crds.install=false']],
  [
    'everything',
    [
      '--set', 'monitoring.serviceMonitor=true', '--set', 'monitoring.rules=true', '--set', 'monitoring.dashboards=true',
      '--set', 'monitoring.labels.release=prometheus', '--set', `image.digest=sha256:${'0'.repeat(64)}`,
      '--set', 'defaults.studioImage=registry.example.org/invokeai:1', '--set', 'imagePullSecrets[0].name=registry',
      '--set', 'serviceAccount.annotations.owner=platform', '--set', 'nodeSelector.role=system',
      '--set', 'tolerations[0].operator=Exists', '--set', 'priorityClassName=system-cluster-critical',
      '--set', 'crds.keep=false',
    ],
  ],
];
for (const [name, args] of recorded) {
  test(`what the chart makes is as recorded: ${name}`, async () => {
    // The definitions, rules and dashboard are files that have tests of their own.
    const shown = ['deployment', 'rbac', 'monitoring'].flatMap((file) => ['--show-only', `templates/${file}.yaml`]);
    const text = (await template(...args, ...shown)).replace(/^(  groups:|  invoke-studio\.json: \|)\n(    .*\n| *\n|  - .*\n)*/gm, '$1 (a file of its own)\n');
    const file = `${snapshots}/chart-${name}.yaml`;
    if (process.env.UPDATE) {
      await mkdir(snapshots, { recursive: true });
      await writeFile(file, text);
    }
    assert.equal(text, await readFile(file, 'utf8'), `${file} differs; UPDATE=1 writes it anew`);
  });
}

test('with one namespace nothing is made that reaches across the cluster', async () => {
  const text = await template('--set', 'watchNamespace=art', '--set', 'crds.install=false');
  assert.deepEqual(kinds(text).filter((kind) => kind.startsWith('Cluster') || kind === 'CustomResourceDefinition'), []);
});

test('definitions are kept on uninstall unless the values say otherwise', async () => {
  assert.match(await template(), /helm\.sh\/resource-policy: keep/);
  assert.doesNotMatch(await template('--set', 'crds.keep=false'), /helm\.sh\/resource-policy/);
});

for (const [what, value, message] of [
  ['a value that does not exist', 'replicaCount=3', /replicaCount/],
  ['no replica', 'replicas=0', /replicas/],
  ['a digest that is none', 'image.digest=latest', /digest/],
  ['a level of logs that does not exist', 'logLevel=loud', /logLevel/],
]) {
  test(`${what}: refused`, () => assert.rejects(template('--set', value), message));
}

test('the alerts fire when they are to, and only then', async () => {
  assert.match(await run('promtool', 'test', 'rules', `${chart}/rules/studio.test.yaml`), /SUCCESS/);
});

test('it is installed, and tells the next step', async () => {
  const start = Date.now();
  const notes = await run('helm', 'install', release, chart, ...settings);
  console.log(`installed after ${secondsSince(start)} s`);
  assert.match(notes, new RegExp(`The operator watches the namespace ${namespace}`));
  assert.match(notes, /kind: InvokeAI/);
  const pods = await operatorPods();
  assert.equal(pods.filter(isReady).length, 2);
  for (const pod of pods) assert.equal(pod.spec.containers[0].securityContext.readOnlyRootFilesystem, true);
});

test('it may do what it needs, and nothing more', async () => {
  const allowed = async (where, ...question) => {
    const account = `--as=system:serviceaccount:${namespace}:${release}`;
    const answer = await kubectl('-n', where, 'auth', 'can-i', ...question, account).catch((error) => error.stdout ?? '');
    return answer.trim().split('\n').pop() === 'yes';
  };
  for (const question of [['create', 'secrets'], ['patch', 'deployments.apps'], ['get', 'pods'], ['patch', 'invokeusers.invokeai.dev']]) {
    assert.ok(await allowed(namespace, ...question), question.join(' '));
    assert.ok(!(await allowed('default', ...question)), `${question.join(' ')} in another namespace`);
  }
  for (const question of [
    ['delete', 'secrets'], ['update', 'secrets'], ['delete', 'persistentvolumeclaims'], ['create', 'pods'], ['create', 'pods/exec'],
    ['create', 'roles.rbac.authorization.k8s.io'], ['get', 'nodes'], ['delete', 'invokeais.invokeai.dev'],
  ]) {
    assert.ok(!(await allowed(namespace, ...question)), question.join(' '));
  }
});

test('an upgrade changes it without a moment without a ready replica', async () => {
  let least = Infinity;
  let watching = true;
  const watch = (async () => {
    while (watching) least = Math.min(least, (await operatorPods()).filter(isReady).length);
  })();
  await run('helm', 'upgrade', release, chart, ...settings, '--set', 'logLevel=warning', '--set', 'podAnnotations.changed=yes');
  watching = false;
  await watch;
  assert.ok(least >= 1, `${least} ready replicas`);
  for (const pod of await operatorPods()) assert.equal(pod.metadata.annotations.changed, 'yes');
});

test('uninstalled it is gone, but not the definitions', async () => {
  await run('helm', 'uninstall', release, '--namespace', namespace, '--wait');
  await until('everything to be gone', 60, async () => {
    for (const kind of ['deployment', 'service', 'role', 'rolebinding', 'serviceaccount', 'pod']) {
      if ((await list(namespace, kind, `app.kubernetes.io/instance=${release}`)).length > 0) return false;
    }
    return true;
  });
  assert.ok(await get('default', 'crd', 'invokeais.invokeai.dev'));
});

async function operatorPods() {
  const pods = await list(namespace, 'pods', `app.kubernetes.io/instance=${release}`);
  return pods.filter((pod) => !pod.metadata.deletionTimestamp);
}
