// The node from outside: its processes, and the programs of the control plane.
import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { dirname } from 'node:path';

const run = promisify(execFile);
const directory = () => dirname(process.env.KUBECONFIG);

/** Runs a command in the node's namespaces. */
export async function inside(...command) {
  const pid = (await readFile(`${directory()}/machine.pid`, 'utf8')).trim();
  const { stdout } = await run('nsenter', ['--target', pid, '--mount', '--net', '--pid', '--', ...command]);
  return stdout;
}

/** SIGKILL for the processes of a program in a pod: those whose control group holds the pod's uid. */
export async function killProcess(podUid, program) {
  const script = `for process in $(pgrep -x "${program}"); do
    if grep -q "pod${podUid}" /proc/$process/cgroup; then kill -KILL $process; echo $process; fi
  done`;
  const killed = await inside('bash', '-c', script);
  if (!killed.trim()) throw new Error(`no process ${program} in the pod ${podUid}`);
}

/** Stops a program of the control plane for so many seconds at least, and does something meanwhile. */
export async function withoutService(name, seconds, action) {
  const marker = `${directory()}/stopped/${name}`;
  await writeFile(marker, '');
  try {
    const pid = (await readFile(`${directory()}/pid/${name}`, 'utf8')).trim();
    await inside('kill', '-KILL', pid);
    const [result] = await Promise.all([action(), sleep(seconds * 1000)]);
    return result;
  } finally {
    await rm(marker);
  }
}

/** Gives an image of the node another name. */
export async function tagImage(from, to) {
  await run('ctr', ['--address', `${directory()}/run/containerd.sock`, '--namespace', 'k8s.io', 'images', 'tag', '--force', from, to]);
}
