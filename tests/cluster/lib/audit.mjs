// What the operator wrote to the API server, from the server's own audit log (leases are not in it).
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const file = () => `${dirname(process.env.KUBECONFIG)}/log/audit.log`;

/** The writes since a moment (of Date.now()), each as `verb resource namespace/name`. */
export async function operatorWrites(since = 0) {
  const lines = (await readFile(file(), 'utf8').catch(() => '')).split('\n').filter(Boolean);
  return lines
    .map((line) => JSON.parse(line))
    .filter((entry) => Date.parse(entry.requestReceivedTimestamp) >= since)
    .map(({ verb, objectRef }) => `${verb} ${objectRef.resource}${objectRef.subresource ? `/${objectRef.subresource}` : ''} ${objectRef.namespace}/${objectRef.name}`);
}
