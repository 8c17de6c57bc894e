// What a person has on volumes: a backup is made and restored as docs/operator/operations.md says, a password is
// rotated, and a volume that is full is no catastrophe.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { inDatabase } from './lib/database.mjs';
import { apply, condition, kubectl, list, makeNamespace, secondsSince, secret, until } from './lib/kubernetes.mjs';
import { IngressController } from './lib/ingress.mjs';
import { inside } from './lib/node.mjs';
import { administratorEmail, administratorPassword, available, patch, podsOf, studioOf, studioResource } from './lib/resources.mjs';
import { assertPng, Studio } from './lib/studio.mjs';

const namespace = 'test-data';
const name = 'kept';
const smallVolume = '/tmp/hostpath_pv/small-images';
let ingress;
let administrator;

const answers = () => until('the studio to answer', 90, async () => (await administrator.request('GET', '/readyz')).status === 200);

before(async () => {
  await makeNamespace(namespace);
  // A volume of eight megabytes: a file system in memory, seen by the node only.
  await inside('bash', '-c', `mkdir -p ${smallVolume} && mount -t tmpfs -o size=8m,mode=777 tmpfs ${smallVolume}`);
  const claim = { accessModes: ['ReadWriteOnce'], storageClassName: '', resources: { requests: { storage: '8Mi' } } };
  await apply([
    {
      apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'small-images' },
      spec: {
        accessModes: claim.accessModes, capacity: { storage: '8Mi' }, persistentVolumeReclaimPolicy: 'Retain',
        hostPath: { path: smallVolume }, claimRef: { namespace, name: 'small-images' },
      },
    },
    { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'small-images', namespace }, spec: { ...claim, volumeName: 'small-images' } },
  ]);
  await apply(studioResource(namespace, name, {
    storage: { volume: { claimName: 'small-images' } },
    database: { managed: { size: '1Gi', backup: { schedule: '0 3 * * *', keep: 2 } } },
    workers: { ...studioResource(namespace, name).spec.workers, replicas: 1 },
  }));
  await available(namespace, name);
  ingress = await IngressController.start(namespace);
  administrator = new Studio(ingress.address(`${name}.test`));
  assert.equal(await administrator.signIn(administratorEmail, await administratorPassword(namespace, name)), 200);
});
after(async () => {
  await ingress?.stop();
  await kubectl('delete', 'namespace', namespace, '--timeout=360s');
  await kubectl('delete', 'pv', 'small-images', '--ignore-not-found');
  await inside('umount', '--lazy', smallVolume).catch(() => undefined);
});

test('a backup is made at once when a person asks, and brings back what was deleted', async () => {
  const [kept] = await administrator.completed(await administrator.enqueue('a green tree', { steps: 2 }));
  const image = await administrator.imageOf(kept);
  await kubectl('-n', namespace, 'create', 'job', '--from', `cronjob/${name}-backup`, 'now');
  await kubectl('-n', namespace, 'wait', 'job/now', '--for=condition=Complete', '--timeout=180s');
  const log = await kubectl('-n', namespace, 'logs', 'job/now');
  const [, file] = /wrote \/backups\/(\S+)/.exec(log);

  // The dump lies beside the images.
  const [server] = await podsOf(namespace, name, 'server');
  const dump = await new Promise((resolve, reject) =>
    execFile('kubectl', ['-n', namespace, 'exec', server.metadata.name, '--', 'cat', `/data/outputs/${file}`], { encoding: 'buffer', maxBuffer: 64 << 20 },
      (error, stdout) => (error ? reject(error) : resolve(stdout))));
  assert.equal(dump.subarray(0, 5).toString(), 'PGDMP');

  const board = (await administrator.ask('POST', '/api/v1/boards/?board_name=later')).board_id;
  const start = Date.now();
  await patch(namespace, 'invokeai', name, { spec: { paused: true } });
  await kubectl('-n', namespace, 'scale', 'deployment', '-l', `app.kubernetes.io/instance=${name}`, '--replicas=0');
  await until('server and workers to be gone', 60, async () =>
    (await list(namespace, 'pods', `app.kubernetes.io/instance=${name},app.kubernetes.io/component in (server,worker)`)).length === 0);
  await inDatabase(namespace, name, 'cat > /tmp/restore.dump', dump);
  await inDatabase(namespace, name, 'pg_restore -h /run/postgresql -U postgres -d invokeai --clean --if-exists --exit-on-error /tmp/restore.dump');
  await patch(namespace, 'invokeai', name, { spec: { paused: false } });
  await answers();
  console.log(`restored after ${secondsSince(start)} s`);

  // What was there at the time of the backup is there, what came later is not.
  assert.deepEqual(await administrator.imageOf(kept), image);
  assert.equal((await administrator.request('GET', `/api/v1/boards/${board}`)).status, 404);
  await administrator.completed(await administrator.enqueue('a red heart', { steps: 2 }));
});

test("the database's password is rotated by deleting its Secret", async () => {
  const { password } = await secret(namespace, `${name}-database`);
  const start = Date.now();
  await kubectl('-n', namespace, 'delete', 'secret', `${name}-database`);
  const fresh = await until('another password', 30, async () => {
    const found = (await secret(namespace, `${name}-database`)).password;
    return found && found !== password && found;
  });
  await until('the rollout to end', 150, async () => {
    const studio = await studioOf(namespace, name);
    return condition(studio, 'Available')?.status === 'True' && condition(studio, 'Progressing')?.status === 'False';
  });
  await answers();
  console.log(`rotated after ${secondsSince(start)} s`);
  await administrator.completed(await administrator.enqueue('a blue fish', { steps: 2 }));
  const try_ = (word) => inDatabase(namespace, name, `psql "postgresql://invokeai:${word}@127.0.0.1/invokeai" -c 'select 1'`);
  await try_(fresh);
  await assert.rejects(try_(password), /password authentication failed/);
});

test('a full volume: what is there stays, an item that cannot be kept says why, and space heals it', async () => {
  const [kept] = await administrator.completed(await administrator.enqueue('a yellow star', { steps: 2, size: 128 }));
  await inside('bash', '-c', `head -c 100M /dev/zero > ${smallVolume}/filler || true`);
  const [id] = await administrator.enqueue('a purple ball', { steps: 2, size: 128 });
  const failed = await until('the item to end', 120, async () => {
    const item = await administrator.item(id);
    return ['completed', 'failed', 'canceled'].includes(item.status) && item;
  });
  console.log(`the item: ${failed.status}, ${failed.error_type}: ${failed.error_message}`);
  assert.equal(failed.status, 'failed');
  assert.match(failed.error_message, /space|storage|full/i);
  assertPng(await administrator.imageOf(kept), 128, 128);
  const studio = await studioOf(namespace, name);
  assert.equal(condition(studio, 'Available').status, 'True');
  await inside('rm', `${smallVolume}/filler`);
  const [item] = await administrator.completed(await administrator.enqueue('a purple ball', { steps: 2, size: 128 }));
  assertPng(await administrator.imageOf(item), 128, 128);
});
