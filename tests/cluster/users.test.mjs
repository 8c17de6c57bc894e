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
  await administrator.ask('PATCH', `/api/v1/auth/users/${user_id}`, { is_admin: false });
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

test('with reassignTo, what a deleted account made goes to the heir', async () => {
  await ready('heir', { generatePassword: true });
  await ready('giver', { generatePassword: true, reclaimPolicy: 'Delete', reassignTo: 'nobody@example.com' });
  const sessionOf = async (user) => signedIn(`${user}@example.com`, (await secret(namespace, `${user}-password`)).password);
  const board = await (await sessionOf('giver')).ask('POST', '/api/v1/boards/?board_name=inherited');
  const heir = await sessionOf('heir');
  const boardsOf = async (session) => (await session.ask('GET', '/api/v1/boards/?all=true')).map(({ board_id }) => board_id);
  assert.deepEqual(await boardsOf(heir), []);
  // Nobody is there to inherit yet: the account stays, and the resource says why.
  await kubectl('-n', namespace, 'delete', 'invokeuser', 'giver', '--wait=false');
  const found = await until('the missing heir to be told', 15, async () => {
    const ready = condition(await get(namespace, 'invokeuser', 'giver'), 'Ready');
    return ready?.reason === 'HeirMissing' && ready;
  });
  assert.match(found.message, /nobody@example.com/);
  assert.ok(await account('giver@example.com'));
  await patch(namespace, 'invokeuser', 'giver', { spec: { reassignTo: 'heir@example.com' } });
  await until('the resource to go', 15, async () => !(await get(namespace, 'invokeuser', 'giver')));
  assert.equal(await account('giver@example.com'), undefined);
  assert.deepEqual(await boardsOf(heir), [board.board_id]);
});

test('the last administrator stays one, and the condition says why', async () => {
  await apply(userResource(namespace, name, 'first', { email: administratorEmail, admin: true }));
  const isReady = async () => hasCondition(await get(namespace, 'invokeuser', 'first'), 'Ready');
  await until('the resource to hold the first administrator', 15, isReady);
  await patch(namespace, 'invokeuser', 'first', { spec: { admin: false } });
  const found = await until('the refusal', 15, async () => {
    const ready = condition(await get(namespace, 'invokeuser', 'first'), 'Ready');
    return ready?.reason === 'LastAdministrator' && ready;
  });
  assert.match(found.message, /last administrator/i);
  assert.equal((await account(administratorEmail)).is_admin, true);
  await patch(namespace, 'invokeuser', 'first', { spec: { admin: true, reclaimPolicy: 'Retain' } });
  await until('it to be well again', 15, isReady);
  await kubectl('-n', namespace, 'delete', 'invokeuser', 'first', '--timeout=90s');
});

test('a studio admits users from other namespaces only when it selects them', async () => {
  const elsewhere = `${namespace}-elsewhere`;
  await makeNamespace(elsewhere, { team: 'guests' });
  try {
    const guest = userResource(elsewhere, name, 'guest', { generatePassword: true, reclaimPolicy: 'Delete' });
    guest.spec.instance.namespace = namespace;
    await apply(guest);
    const readiness = async () => condition(await get(elsewhere, 'invokeuser', 'guest'), 'Ready');
    await until('the refusal', 15, async () => (await readiness())?.reason === 'NotAdmitted');
    assert.equal(await account('guest@example.com'), undefined);
    await patch(namespace, 'invokeai', name, { spec: { users: { namespaceSelector: { matchLabels: { team: 'guests' } } } } });
    await until('the guest to be admitted', 15, async () => (await readiness())?.status === 'True');
    assert.ok(await account('guest@example.com'));
  } finally {
    await kubectl('delete', 'namespace', elsewhere, '--timeout=120s');
  }
  assert.equal(await account('guest@example.com'), undefined, 'its namespace took it along');
});
