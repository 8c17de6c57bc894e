// HTTP requests to a host name that exists in an Ingress only: its address is always this machine.
import http from 'node:http';

/** Every name is this machine. */
export const lookup = (_name, options, done) =>
  options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);
const agent = new http.Agent({ keepAlive: true, lookup });

/** Sends a request and gives status, headers and the bytes of the body. */
export function send(method, url, { headers = {}, body, seconds = 20 } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers, agent }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, bytes: Buffer.concat(parts) }));
    });
    request.setTimeout(seconds * 1000, () => request.destroy(new Error(`no answer in ${seconds} s: ${method} ${url}`)));
    request.on('error', reject);
    request.end(body);
  });
}

/** Asks for a WebSocket; gives the status of the answer (101 when it was granted). */
export function upgrade(url, headers = {}) {
  const wanted = {
    ...headers, connection: 'Upgrade', upgrade: 'websocket',
    'sec-websocket-version': '13', 'sec-websocket-key': Buffer.from('0123456789abcdef').toString('base64'),
  };
  return new Promise((resolve, reject) => {
    const request = http.request(url, { headers: wanted, lookup });
    request.on('upgrade', (answer, socket) => (socket.destroy(), resolve(answer.statusCode)));
    request.on('response', (answer) => (answer.resume(), resolve(answer.statusCode)));
    request.on('error', reject);
    request.end();
  });
}

/** The body of an upload: one file in a form. */
export function fileForm(name, type, bytes) {
  const boundary = 'boundary-of-the-form';
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: ${type}\r\n\r\n`;
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}
