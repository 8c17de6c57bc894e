// A socket of events that stays open: Engine.IO 4 and socket.io 5 in text frames of a WebSocket, as far as a test needs.
import http from 'node:http';
import { lookup } from './http.mjs';

/** Opens the socket of a session at `address` and gives it when the studio has let it in. */
export function openSocket(address, token) {
  const headers = {
    connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.from('0123456789abcdef').toString('base64'),
  };
  return new Promise((resolve, reject) => {
    const request = http.request(`${address}/ws/socket.io/?EIO=4&transport=websocket`, { headers, lookup });
    request.on('response', (answer) => reject(new Error(`no socket: ${answer.statusCode}`)));
    request.on('error', reject);
    request.on('upgrade', (_answer, stream, head) => {
      const socket = { ended: false, close: () => stream.destroy() };
      let bytes = head;
      const read = (more) => {
        bytes = Buffer.concat([bytes, more]);
        for (let text; (text = nextFrame()) !== undefined; ) take(text);
      };
      const nextFrame = () => {
        if (bytes.length < 2) return undefined;
        const short = bytes[1] & 0x7f;
        const start = short < 126 ? 2 : short === 126 ? 4 : 10;
        if (bytes.length < start) return undefined;
        const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
        if (bytes.length < start + length) return undefined;
        const text = (bytes[0] & 0x0f) === 8 ? 'closed' : bytes.subarray(start, start + length).toString();
        bytes = bytes.subarray(start + length);
        return text;
      };
      const take = (text) => {
        if (text.startsWith('0')) stream.write(frame(`40${JSON.stringify({ token })}`));
        else if (text.startsWith('2')) stream.write(frame('3'));
        else if (text.startsWith('40')) resolve(socket);
        else if (text.startsWith('44')) reject(new Error(`refused: ${text}`));
        else if (text.startsWith('41') || text === '1' || text === 'closed') socket.ended = true;
      };
      stream.on('close', () => (socket.ended = true));
      stream.on('error', () => (socket.ended = true));
      stream.on('data', read);
      read(Buffer.alloc(0));
    });
    request.end();
  });
}

/** A masked text frame of less than 65536 bytes; the mask is zero, which leaves the text as it is. */
function frame(text) {
  const body = Buffer.from(text);
  const head = body.length < 126 ? Buffer.from([0x81, 0x80 | body.length]) : Buffer.from([0x81, 0xfe, body.length >> 8, body.length & 0xff]);
  return Buffer.concat([head, Buffer.alloc(4), body]);
}
