// Accounts from InvokeUser resources: what is applied is seen in the studio within seconds.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { apply, condition, get, hasCondition, kubectl, makeNamespace, secondsSince, secret, until, within } from './lib/kubernetes.mjs';
import { IngressController } from './lib/ingress.mjs';
import { administratorEmail, administratorPassword, available, patch, studioResource, userResource } from './lib/resources.mjs';
import { openSocket } from './lib/socket.mjs';
import { Studio } from './lib/studio.mjs';

const namespace = 'test-users';
const name = 'club';
const effect = 5;
let ingress;
let administrator;

const signedIn = async (email, password) => {
  const session = administrator.another();
  assert.equal(await session.signIn(email, password), 200, `${email} signs in`);
  return session;
};
const account = async (email) => (await administrator.ask('GET', '/api/v1/auth/users')).find((user) => user.email === email);
const works = async (session) => (await session.request('GET', '/api/v1/queue/default/status')).status === 200;

/** Applies the account and waits until it is ready. */
async function ready(user, spec) {
  await apply(userResource(namespace, name, user, spec));
  await until(`${user} to be ready`, 15, async () => hasCondition(await get(namespace, 'invokeuser', user), 'Ready'));
}

/** Waits for an effect, which may take five seconds, and prints how long it took. */
async function seen(what, ask) {
  const start = Date.now();
  await within(what, effect, ask);
  console.log(`${what}: ${secondsSince(start)} s`);
}

before(async () => {
  await makeNamespace(namespace);
  const workers = { replicas: 0, executionProvider: 'cpu' };
  await apply(studioResource(namespace, name, { workers }));
  await available(namespace, name);
  ingress = await IngressController.start(namespace);
  administrator = new Studio(ingress.address(`${name}.test`));
  assert.equal(await administrator.signIn(administratorEmail, await administratorPassword(namespace, name)), 200);
});
after(async () => {
  await ingress?.stop();
  await kubectl('delete', 'namespace', namespace, '--timeout=360s');
});

test('an account is made with a generated password, and its owner signs in', async () => {
  await ready('ada', { displayName: 'Ada', generatePassword: true });
  const { password } = await secret(namespace, 'ada-password');
  assert.ok(password.length >= 16);
  await signedIn('ada@example.com', password);
  const resource = await get(namespace, 'invokeuser', 'ada');
  assert.equal(resource.status.userId, (await account('ada@example.com')).user_id);
  const owner = (await get(namespace, 'secret', 'ada-password')).metadata.ownerReferences[0];
  assert.deepEqual([owner.kind, owner.name], ['InvokeUser', 'ada']);
});

test('a changed password secret changes the password and ends the old sessions', async () => {
  const passwordSecret = (password) => ({
    apiVersion: 'v1', kind: 'Secret', metadata: { name: 'bob-secret', namespace }, stringData: { password },
  });
  await apply(passwordSecret('The-First-Passw0rd'));
  await ready('bob', { passwordSecretRef: { name: 'bob-secret' } });
  const session = await signedIn('bob@example.com', 'The-First-Passw0rd');
  assert.ok(await works(session));
  const socket = await openSocket(session.address, session.token);
  await apply(passwordSecret('The-Second-Passw0rd'));
  await seen('the new password works', async () => (await administrator.another().signIn('bob@example.com', 'The-Second-Passw0rd')) === 200);
  assert.equal(await administrator.another().signIn('bob@example.com', 'The-First-Passw0rd'), 401);
  assert.ok(!(await works(session)), 'the session from before has ended');
  await seen('the end of the socket', () => socket.ended);
  socket.close();
});

test('an administrator is made and demoted', async () => {
  await ready('carol', { admin: true, generatePassword: true });
  const session = await signedIn('carol@example.com', (await secret(namespace, 'carol-password')).password);
  assert.equal((await session.request('GET', '/api/v1/auth/users')).status, 200);
  await patch(namespace, 'invokeuser', 'carol', { spec: { admin: false } });
  await seen('the demotion', async () => (await session.request('GET', '/api/v1/auth/users')).status !== 200);
});

test('an account is deactivated, and its sessions and sockets end', async () => {
  await ready('dave', { generatePassword: true, active: true });
  const { password } = await secret(namespace, 'dave-password');
  const session = await signedIn('dave@example.com', password);
  const socket = await openSocket(session.address, session.token);
  assert.ok(!socket.ended);
  await patch(namespace, 'invokeuser', 'dave', { spec: { active: false } });
  await seen('the end of the session', async () => !(await works(session)));
  await seen('the end of the socket', () => socket.ended);
  socket.close();
  assert.notEqual(await administrator.another().signIn('dave@example.com', password), 200);
});

test('what a person changes by hand is put back where the resource says it, and left where it does not', async () => {
  await ready('eve', { displayName: 'Eve', generatePassword: true });
  const { user_id } = await account('eve@example.com');
  await administrator.ask('PATCH', `/api/v1/auth/users/${user_id}`, { display_name: 'Mallory', is_admin: true });
  await until('the name to be put back', 60, async () => (await account('eve@example.com')).display_name === 'Eve');
  assert.equal((await account('eve@example.com')).is_admin, true);
});

test('of two resources for one address the older one holds, and the other says so', async () => {
  await apply(userResource(namespace, name, 'ada-again', { email: 'ada@example.com', displayName: 'Other' }));
  const found = await until('the second one to be refused', 15, async () => {
    const resource = await get(namespace, 'invokeuser', 'ada-again');
    return condition(resource, 'Ready')?.status === 'False' && condition(resource, 'Ready');
  });
  assert.match(found.message, /ada/);
  assert.equal((await account('ada@example.com')).display_name, 'Ada');
});

for (const [policy, outcome] of [
  ['Retain', (user) => user?.is_active === true],
  ['Deactivate', (user) => user?.is_active === false],
  ['Delete', (user) => user === undefined],
]) {
  test(`deleting a resource with the policy ${policy} does that to the account`, async () => {
    const user = `reclaim-${policy.toLowerCase()}`;
    await ready(user, { reclaimPolicy: policy, generatePassword: true });
    await kubectl('-n', namespace, 'delete', 'invokeuser', user, '--timeout=90s');
    await seen(policy, async () => outcome(await account(`${user}@example.com`)));
  });
}

test('what can never work is refused with a sentence that says why', async () => {
  const refusals = [
    [{ generatePassword: true, passwordSecretRef: { name: 'x' } }, /not both/],
    [{ reassignTo: 'ada@example.com' }, /needs reclaimPolicy Delete/],
    [{ email: 'no address' }, /spec.email/],
  ];
  for (const [spec, message] of refusals) {
    await assert.rejects(apply(userResource(namespace, name, 'nobody', spec)), message);
  }
  await assert.rejects(patch(namespace, 'invokeuser', 'ada', { spec: { email: 'new@example.com' } }), /cannot change/);
});
