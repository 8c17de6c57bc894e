// Programs beside kubectl that the tests run.
import { execFile } from 'node:child_process';
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
