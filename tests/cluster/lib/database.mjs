// Commands in the pod of a studio's own database.
import { kubectlGiven } from './kubernetes.mjs';

/** What a shell command in the database's pod prints; Postgres' programs are in its path, `input` is what it reads. */
export const inDatabase = (namespace, studio, command, input = '') =>
  kubectlGiven(input, '-n', namespace, 'exec', '-i', `${studio}-database-0`, '--',
    'sh', '-c', `PATH=$(echo /usr/lib/postgresql/*/bin):$PATH; ${command}`);

/** What one SQL query answers, without headings. */
export const queried = async (namespace, studio, query) =>
  (await inDatabase(namespace, studio, `psql -h /run/postgresql -U postgres -d invokeai -Atc "${query}"`)).trim();
