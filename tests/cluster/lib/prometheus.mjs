// Debian's Prometheus, which scrapes the cluster's pods as the chart's ServiceMonitor and a studio's PodMonitor say,
// with the chart's rules. Debian builds it without the discovery of Kubernetes, so its targets are read from a file.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { send } from './http.mjs';
import { list, until } from './kubernetes.mjs';
import { freePort } from './programs.mjs';

/** A running Prometheus, on loopback only. */
export class Prometheus {
  /** Scrapes the operator in one namespace and the studios in another. */
  static async start({ operatorNamespace, studioNamespace, rules }) {
    const prometheus = new Prometheus();
    prometheus.directory = await mkdtemp(join(tmpdir(), 'invoke-prometheus-'));
    const file = join(prometheus.directory, 'prometheus.json');
    // JSON is YAML.
    await writeFile(file, JSON.stringify(configuration(prometheus.directory, rules)));
    await prometheus.write('operator', await targets(operatorNamespace, 'metrics'));
    await prometheus.write('studio', await targets(studioNamespace, 'http', 'app.kubernetes.io/component in (server,worker)'));
    const port = await freePort();
    prometheus.address = `http://127.0.0.1:${port}`;
    prometheus.process = spawn(
      'prometheus',
      [`--config.file=${file}`, `--storage.tsdb.path=${prometheus.directory}/data`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=warn'],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    await until('Prometheus to be ready', 30, async () => (await send('GET', `${prometheus.address}/-/ready`)).status === 200);
    return prometheus;
  }

  write(job, found) {
    return writeFile(join(this.directory, `${job}.json`), JSON.stringify(found));
  }

  async stop() {
    this.process.kill('SIGTERM');
    await new Promise((resolve) => this.process.once('exit', resolve));
    await rm(this.directory, { recursive: true });
  }

  /** The data of an answer of its API; an error carries what Prometheus says. */
  async ask(path, parameters = {}) {
    const answer = await send('GET', `${this.address}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const body = JSON.parse(answer.bytes);
    if (body.status !== 'success') throw new Error(`${path} ${JSON.stringify(parameters)}: ${body.error}`);
    return body.data;
  }

  /** The series that an expression gives now. */
  async query(expression) {
    return (await this.ask('query', { query: expression })).result;
  }
}

/** The pods of a namespace that have a port of this name, with the labels that a monitor gives. */
async function targets(namespace, port, selector) {
  const found = [];
  for (const pod of await list(namespace, 'pods', selector)) {
    const { ports = [] } = pod.spec.containers[0];
    const number = ports.find((entry) => entry.name === port)?.containerPort;
    if (number && !pod.metadata.deletionTimestamp) {
      found.push({ targets: [`${pod.status.podIP}:${number}`], labels: { namespace, pod: pod.metadata.name } });
    }
  }
  return found;
}

function configuration(directory, rules) {
  const job = (name, more) => ({ job_name: name, file_sd_configs: [{ files: [`${directory}/${name}.json`] }], ...more });
  return {
    global: { scrape_interval: '3s', scrape_timeout: '3s', evaluation_interval: '5s' },
    rule_files: [rules],
    scrape_configs: [job('operator', { honor_labels: true }), job('studio')],
  };
}
