// The resources that the tests apply, and what a studio's parts are called.
import { apply, condition, describeConditions, get, hasCondition, kubectl, list, secret, secondsSince, until } from './kubernetes.mjs';

export const administratorEmail = 'admin@invokeai.local';

/** A studio of two workers for the CPU that ask for a GPU each, small enough for a machine with two cores. */
export function studioResource(namespace, name, spec = {}) {
  const small = (memory) => ({ requests: { cpu: '20m', memory } });
  return {
    apiVersion: 'invokeai.dev/v1alpha1',
    kind: 'InvokeAI',
    metadata: { name, namespace },
    spec: {
      server: { replicas: 1, resources: small('64Mi'), ingress: { host: `${name}.test` } },
      workers: {
        replicas: 2,
        executionProvider: 'cpu',
        accelerator: { resourceName: 'nvidia.com/gpu' },
        modelCacheGib: 1,
        resources: small('128Mi'),
        terminationGraceSeconds: 30,
      },
      database: { managed: { size: '1Gi', resources: small('64Mi') } },
      storage: { volume: { size: '1Gi' } },
      models: { volume: { size: '1Gi' } },
      deletionPolicy: 'Delete',
      ...spec,
    },
  };
}

/** A PostgreSQL that is nobody's but a person's, with its Service; `uri` leads to it. It goes with its pod. */
export function ownDatabase(namespace, name, password) {
  const script = `echo "$PASSWORD" >/tmp/password
    initdb --pgdata=/data/pgdata --username=studio --pwfile=/tmp/password --auth-host=scram-sha-256 --auth-local=trust
    echo 'host all all 0.0.0.0/0 scram-sha-256' >>/data/pgdata/pg_hba.conf
    exec postgres -D /data/pgdata -c listen_addresses='*' -c unix_socket_directories=/tmp -c max_connections=1000`;
  const labels = { database: name };
  const container = {
    name: 'postgres', image: 'docker.io/invokestudio/postgres:15', imagePullPolicy: 'IfNotPresent', command: ['sh', '-ec', script],
    env: [{ name: 'PASSWORD', value: password }],
    ports: [{ name: 'postgres', containerPort: 5432 }],
    readinessProbe: { tcpSocket: { port: 'postgres' }, periodSeconds: 2 },
    volumeMounts: [{ name: 'data', mountPath: '/data' }, { name: 'tmp', mountPath: '/tmp' }],
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  };
  const pod = {
    securityContext: { runAsNonRoot: true, runAsUser: 10001, fsGroup: 10001, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [container],
    volumes: [{ name: 'data', emptyDir: {} }, { name: 'tmp', emptyDir: {} }],
  };
  return {
    uri: `postgresql://studio:${password}@${name}.${namespace}.svc:5432/postgres`,
    objects: [
      { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels }, spec: pod },
      { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { selector: labels, ports: [{ port: 5432 }] } },
    ],
  };
}

/** An account in a studio of the same namespace. */
export const userResource = (namespace, instance, name, spec) => ({
  apiVersion: 'invokeai.dev/v1alpha1',
  kind: 'InvokeUser',
  metadata: { name, namespace },
  spec: { instance: { name: instance }, email: `${name}@example.com`, ...spec },
});

/** Changes a part of a resource's spec. */
export const patch = (namespace, kind, name, body) =>
  kubectl('-n', namespace, 'patch', kind, name, '--type', 'merge', '-p', JSON.stringify(body));

export const studioOf = (namespace, name) => get(namespace, 'invokeai', name);

/** Waits until the studio says that it is available; an error tells all its conditions and pods. */
export async function available(namespace, name, seconds = 180) {
  const start = Date.now();
  try {
    await until(`studio ${name} to be available`, seconds, async () => hasCondition(await studioOf(namespace, name), 'Available'));
  } catch (error) {
    const pods = await kubectl('-n', namespace, 'get', 'pods', '-o', 'wide');
    throw new Error(`${error.message}\n${describeConditions(await studioOf(namespace, name))}\n${pods}`);
  }
  return secondsSince(start);
}

/** The password of the first administrator, as the operator generated it. */
export async function administratorPassword(namespace, name) {
  return (await secret(namespace, `${name}-administrator`)).password;
}

/** The pods of a part of a studio that have not ended. */
export async function podsOf(namespace, name, component) {
  const pods = await list(namespace, 'pods', `app.kubernetes.io/instance=${name},app.kubernetes.io/component=${component}`);
  return pods.filter((pod) => !pod.metadata.deletionTimestamp && !['Succeeded', 'Failed'].includes(pod.status.phase));
}

export const isReady = (pod) => condition(pod, 'Ready')?.status === 'True';

/** Ends the main process of a pod at once, as the kernel does when memory is short. */
export async function killPod(namespace, pod) {
  await kubectl('-n', namespace, 'delete', 'pod', pod.metadata.name, '--grace-period=0', '--force', '--wait=false');
}

export { apply };
