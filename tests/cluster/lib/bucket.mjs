// A bucket outside the cluster, on a server that speaks S3 and refuses what is not signed by its account.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './kubernetes.mjs';
import { freePort, run } from './programs.mjs';

/** This machine as pods see it. */
const hostAddress = process.env.HOST_ADDRESS;

/** A running server with one bucket. `stop` it. */
export class Bucket {
  static async start(name) {
    const repository = process.env.REPOSITORY;
    const packages = (await run(`${repository}/tests/setup/s3`)).trim();
    const port = await freePort(hostAddress);
    const environment = { ...process.env, PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: '1' };
    const server = spawn('python3', ['-m', 'moto.server', '-H', hostAddress, '-p', `${port}`], { env: environment, stdio: 'ignore' });
    const bucket = new Bucket();
    Object.assign(bucket, { name, server, endpoint: `http://${hostAddress}:${port}`, directory: await mkdtemp(join(tmpdir(), 'bucket-')) });
    try {
      await until('the server of S3 to answer', 60, async () => (await fetch(`${bucket.endpoint}/moto-api/`)).ok);
      await run('env', `PYTHONPATH=${packages}`, `${repository}/tests/s3/account`, bucket.endpoint, name, bucket.directory);
      const lines = (await readFile(join(bucket.directory, 'keys'), 'utf8')).trim().split('\n');
      bucket.keys = Object.fromEntries(lines.map((line) => line.split('=')));
    } catch (error) {
      await bucket.stop();
      throw error;
    }
    return bucket;
  }

  async stop() {
    this.server.kill();
    await rm(this.directory, { recursive: true, force: true });
  }
}
