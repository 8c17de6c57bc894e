// The test cluster as the tests see it: kubectl, and waiting for what is to become true.
import { execFile, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs kubectl and gives what it printed; an error carries what it complained about. */
export async function kubectl(...args) {
  const { stdout } = await run('kubectl', args, { maxBuffer: 64 << 20 });
  return stdout;
}

/** The same with a text on its standard input. */
export function kubectlGiven(text, ...args) {
  return new Promise((resolve, reject) => {
    const child = spawn('kubectl', args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    let complaint = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (complaint += data));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(output) : reject(new Error(complaint || `kubectl ended with ${code}`))));
    child.stdin.end(text);
  });
}

/** The same with objects (or a text of YAML) that the command is for. */
export function kubectlWith(input, ...args) {
  const text = typeof input === 'string' ? input : JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [input].flat() });
  return kubectlGiven(text, ...args, '-f', '-');
}

/** Applies objects as a person does. */
export const apply = (objects, ...args) => kubectlWith(objects, 'apply', ...args);

/** One object, or undefined when there is none. */
export async function get(namespace, kind, name) {
  const text = await kubectl('-n', namespace, 'get', kind, name, '-o', 'json', '--ignore-not-found');
  return text ? JSON.parse(text) : undefined;
}

/** The objects of a kind that have a label. */
export async function list(namespace, kind, selector = '') {
  const more = selector ? ['-l', selector] : [];
  return JSON.parse(await kubectl('-n', namespace, 'get', kind, ...more, '-o', 'json')).items;
}

/** The texts of a Secret. */
export async function secret(namespace, name) {
  const found = await get(namespace, 'secret', name);
  const entries = Object.entries(found?.data ?? {});
  return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
}

/** A namespace that enforces the restricted Pod Security Standard. */
export const makeNamespace = (name, labels = {}) =>
  apply({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted', ...labels } },
  });

/** How much longer than on a quiet machine things may take. */
export const patience = Number(process.env.PATIENCE ?? 3);

/** Asks again and again until the answer is truthy, and gives it; after `seconds` an error with the last answer. */
export async function within(what, seconds, ask) {
  const end = Date.now() + seconds * 1000;
  let last;
  for (;;) {
    try {
      last = await ask();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`waited ${seconds} s in vain: ${what}`, { cause: last });
    await sleep(300);
  }
}

/** The same where the time is no promise: `seconds` are for a quiet machine. */
export const until = (what, seconds, ask) => within(what, seconds * patience, ask);

/** A condition of an object by its type. */
export const condition = (object, type) => object?.status?.conditions?.find((entry) => entry.type === type);

/** Whether a condition of the object's present generation is `status`. */
export function hasCondition(object, type, status = 'True') {
  const found = condition(object, type);
  return found?.status === status && (found.observedGeneration ?? 0) >= (object.metadata.generation ?? 0);
}

/** For messages: all conditions of an object on one line each. */
export const describeConditions = (object) =>
  (object?.status?.conditions ?? []).map((c) => `${c.type}=${c.status} ${c.reason}: ${c.message}`).join('\n');

/** Seconds since `start` (of Date.now()), for messages. */
export const secondsSince = (start) => ((Date.now() - start) / 1000).toFixed(1);
