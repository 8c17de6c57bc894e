// The test cluster itself: what the other tests rely on.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { apply, get, kubectl, list, makeNamespace, secondsSince, until } from './lib/kubernetes.mjs';

const namespace = 'test-cluster';
const image = 'docker.io/invokestudio/postgres:15';
const restricted = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

/** A pod that may do nothing but run this command. */
function pod(name, command, more = {}) {
  const container = { name: 'main', image, imagePullPolicy: 'Never', command, securityContext: restricted, ...more.container };
  const spec = { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, containers: [container], volumes: more.volumes };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels: { name } }, spec };
}

// Answers every connection with the file on the volume.
const server = `
use IO::Socket::INET;
open(my $file, '>', '/data/greeting') or die; print {$file} "kept on a volume\\n"; close $file;
my $socket = IO::Socket::INET->new(LocalPort => 8080, Listen => 5, ReuseAddr => 1) or die;
while (my $client = $socket->accept) { open(my $in, '<', '/data/greeting'); print {$client} <$in>; close $client; }`;

before(() => makeNamespace(namespace));
after(() => kubectl('delete', 'namespace', namespace, '--wait=false'));

test('the node is ready and offers GPUs', async () => {
  const [node] = await list('default', 'nodes');
  assert.equal(node.status.conditions.find((entry) => entry.type === 'Ready').status, 'True');
  assert.equal(node.status.allocatable['nvidia.com/gpu'], '8');
});

test('a restricted pod with a claim answers by the name of its Service', async () => {
  const start = Date.now();
  await apply([
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data', namespace },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Mi' } } },
    },
    pod('greeter', ['perl', '-e', server], {
      container: { volumeMounts: [{ name: 'data', mountPath: '/data' }], readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 } },
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
    }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'greeter', namespace },
      spec: { selector: { name: 'greeter' }, ports: [{ port: 80, targetPort: 8080 }] },
    },
  ]);
  await kubectl('-n', namespace, 'wait', 'pod/greeter', '--for=condition=Ready', '--timeout=180s');
  console.log(`the pod was ready after ${secondsSince(start)} s`);

  const command = 'getent hosts greeter && cat < /dev/tcp/greeter.test-cluster.svc.cluster.local/80';
  await apply(pod('visitor', ['bash', '-c', command]));
  const visitor = await until('the visitor to end', 30, async () => {
    const found = await get(namespace, 'pod', 'visitor');
    return ['Succeeded', 'Failed'].includes(found.status.phase) && found;
  });
  const log = await kubectl('-n', namespace, 'logs', 'visitor');
  assert.equal(visitor.status.phase, 'Succeeded', log);
  assert.match(log, /^10\.201\.\S+ +greeter\.test-cluster\.svc\.cluster\.local/);
  assert.match(log, /kept on a volume/);
});

test('a pod that wants more than the restricted standard is refused', async () => {
  const privileged = pod('privileged', ['true'], { container: { securityContext: { privileged: true } } });
  await assert.rejects(apply(privileged), /violates PodSecurity "restricted/);
});

test('GPUs are given out, and no more than there are', async () => {
  const wants = (name, count) =>
    pod(name, ['sleep', '60'], { container: { resources: { limits: { 'nvidia.com/gpu': String(count) } } } });
  await apply([wants('six', 6)]);
  await until('the first pod to run', 30, async () => (await get(namespace, 'pod', 'six')).status.phase === 'Running');
  await apply([wants('three', 3)]);
  await until('the second pod to wait', 30, async () => {
    const waiting = await get(namespace, 'pod', 'three');
    return waiting.status.conditions?.some((entry) => /Insufficient nvidia.com\/gpu/.test(entry.message));
  });
});
