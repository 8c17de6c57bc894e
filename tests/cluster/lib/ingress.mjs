// nginx in front of the Services, configured from the cluster's Ingress objects. No ingress controller can be had
// in the tests; this stands in for an ordinary one: its headers, its limit of a body, its time-outs, and WebSockets.
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { get, list, secret, until } from './kubernetes.mjs';
import { freePort } from './programs.mjs';

const limits = { bodySize: '1m', readTimeout: 60, connectTimeout: 5 };
const annotation = (ingress, name) => ingress.metadata.annotations?.[`nginx.ingress.kubernetes.io/${name}`];

/** A running nginx, on loopback only. */
export class IngressController {
  static async start(namespace) {
    const controller = new IngressController();
    controller.namespace = namespace;
    controller.directory = await mkdtemp(join(tmpdir(), 'invoke-ingress-'));
    controller.port = await freePort();
    await controller.write();
    const file = join(controller.directory, 'nginx.conf');
    controller.process = spawn('nginx', ['-e', 'stderr', '-p', controller.directory, '-c', file], { stdio: ['ignore', 'ignore', 'inherit'] });
    await until('nginx to listen', 10, () => connects(controller.port));
    return controller;
  }

  /** The address of a host in an Ingress; lib/http.mjs finds it. */
  address(host) {
    return `http://${host}:${this.port}`;
  }

  /** Reads the Ingress objects anew, as a controller does when they change. */
  async reload() {
    await this.write();
    this.process.kill('SIGHUP');
  }

  async stop() {
    // At once: an open socket would keep it for as long as it likes.
    this.process.kill('SIGTERM');
    await new Promise((resolve) => this.process.once('exit', resolve));
    await rm(this.directory, { recursive: true });
  }

  async write() {
    const servers = [];
    for (const ingress of await list(this.namespace, 'ingress')) {
      for (const rule of ingress.spec.rules) servers.push(await this.server(ingress, rule));
    }
    const text = `
${process.getuid() === 0 ? 'user root;' : ''}
daemon off;
master_process on;
worker_processes 1;
pid ${this.directory}/nginx.pid;
events { worker_connections 512; }
http {
  access_log off;
  error_log stderr crit;
  client_body_temp_path ${this.directory}/body;
  proxy_temp_path ${this.directory}/proxy;
  fastcgi_temp_path ${this.directory}/fastcgi;
  uwsgi_temp_path ${this.directory}/uwsgi;
  scgi_temp_path ${this.directory}/scgi;
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  server { listen 127.0.0.1:${this.port} default_server; return 404; }
${servers.join('\n')}
}
`;
    await writeFile(join(this.directory, 'nginx.conf'), text);
  }

  async server(ingress, rule) {
    const locations = [];
    for (const path of rule.http.paths) {
      const service = await get(this.namespace, 'service', path.backend.service.name);
      const wanted = path.backend.service.port;
      const port = wanted.number ?? service.spec.ports.find((entry) => entry.name === wanted.name).port;
      locations.push(location(ingress, path, `${service.spec.clusterIP}:${port}`));
    }
    const tls = ingress.spec.tls?.find((entry) => entry.hosts?.includes(rule.host));
    const certificate = tls ? await this.certificate(tls.secretName) : '';
    return `  server {
    listen 127.0.0.1:${this.port}${tls ? ' ssl' : ''};
    server_name ${rule.host};
    client_max_body_size ${annotation(ingress, 'proxy-body-size') ?? limits.bodySize};
    ${certificate}
${locations.join('\n')}
  }`;
  }

  async certificate(name) {
    const data = await secret(this.namespace, name);
    const base = join(this.directory, name);
    await writeFile(`${base}.crt`, data['tls.crt']);
    await writeFile(`${base}.key`, data['tls.key'], { mode: 0o600 });
    return `ssl_certificate ${base}.crt; ssl_certificate_key ${base}.key;`;
  }
}

function location(ingress, path, backend) {
  const timeout = annotation(ingress, 'proxy-read-timeout') ?? limits.readTimeout;
  const buffering = annotation(ingress, 'proxy-request-buffering') ?? 'on';
  return `    location ${path.pathType === 'Exact' ? '= ' : ''}${path.path ?? '/'} {
      proxy_pass http://${backend};
      proxy_http_version 1.1;
      proxy_set_header Host $host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_connect_timeout ${limits.connectTimeout}s;
      proxy_read_timeout ${timeout}s;
      proxy_send_timeout ${annotation(ingress, 'proxy-send-timeout') ?? limits.readTimeout}s;
      proxy_request_buffering ${buffering};
      proxy_next_upstream error timeout;
    }`;
}

function connects(port) {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.on('connect', () => (socket.end(), resolve(true)));
    socket.on('error', () => resolve(false));
  });
}
