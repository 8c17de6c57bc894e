// Debian's Prometheus, which finds and scrapes the cluster's pods as the chart's ServiceMonitor and a studio's
// PodMonitor say, with the chart's rules.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './ingress.mjs';
import { send } from './http.mjs';
import { until } from './kubernetes.mjs';

/** A running Prometheus, on loopback only. */
export class Prometheus {
  /** Scrapes the operator in one namespace and the studios in another. */
  static async start({ operatorNamespace, studioNamespace, rules }) {
    const prometheus = new Prometheus();
    prometheus.directory = await mkdtemp(join(tmpdir(), 'invoke-prometheus-'));
    const file = join(prometheus.directory, 'prometheus.json');
    // JSON is YAML.
    await writeFile(file, JSON.stringify(configuration(operatorNamespace, studioNamespace, rules)));
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

function configuration(operatorNamespace, studioNamespace, rules) {
  const pods = (namespace) => [{ role: 'pod', kubeconfig_file: process.env.KUBECONFIG, namespaces: { names: [namespace] } }];
  const keep = (label, regex) => ({ source_labels: [label], regex, action: 'keep' });
  // What the Prometheus operator makes of every monitor.
  const target = ['namespace', 'pod'].map((name) => ({
    source_labels: [`__meta_kubernetes_${name === 'pod' ? 'pod_name' : name}`], target_label: name,
  }));
  return {
    global: { scrape_interval: '3s', scrape_timeout: '3s', evaluation_interval: '5s' },
    rule_files: [rules],
    scrape_configs: [
      {
        job_name: 'operator',
        honor_labels: true,
        kubernetes_sd_configs: pods(operatorNamespace),
        relabel_configs: [keep('__meta_kubernetes_pod_container_port_name', 'metrics'), ...target],
      },
      {
        job_name: 'studio',
        kubernetes_sd_configs: pods(studioNamespace),
        relabel_configs: [
          keep('__meta_kubernetes_pod_label_app_kubernetes_io_component', 'server|worker'),
          keep('__meta_kubernetes_pod_container_port_name', 'http'),
          ...target,
        ],
      },
    ],
  };
}
