// Commands in the pod of a studio's own database.
import { execFile } from 'node:child_process';

/**
 * What a shell command in the database's pod prints; Postgres' programs are in its path. `input`, if any, is given to it.
 */
export const inDatabase = (namespace, studio, command, input) =>
  new Promise((resolve, reject) => {
    const withPrograms = `PATH=$(echo /usr/lib/postgresql/*/bin):$PATH; ${command}`;
    const args = ['-n', namespace, 'exec', ...(input ? ['-i'] : []), `${studio}-database-0`, '--', 'sh', '-c', withPrograms];
    const child = execFile('kubectl', args, { maxBuffer: 64 << 20 }, (error, stdout, stderr) =>
      error ? reject(new Error(stderr || error.message)) : resolve(stdout));
    if (input) child.stdin.end(input);
  });

/** What one SQL query answers, without headings. */
export const queried = async (namespace, studio, query) =>
  (await inDatabase(namespace, studio, `psql -h /run/postgresql -U postgres -d invokeai -Atc "${query}"`)).trim();
