// Programs beside kubectl that the tests run, and ports for them.
import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Runs a program and gives what it printed; an error carries what it complained about. */
export async function run(program, ...args) {
  try {
    const { stdout } = await execute(program, args, { maxBuffer: 64 << 20 });
    return stdout;
  } catch (error) {
    throw new Error(`${program} ${args[0] ?? ''}: ${error.stderr || error.stdout || error.message}`);
  }
}

/** A port that nobody uses now; of loopback unless another address of this machine is given. */
export function freePort(host = '127.0.0.1') {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject).listen(0, host, () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
