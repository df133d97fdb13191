import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

// Runs in a network namespace of its own: says "outside" on a port of all its addresses, and answers every question for a name with the first of them.
const [, , port, ...addresses] = process.argv;
createServer((socket) => socket.on('error', () => undefined).end('outside\n')).listen(Number(port), '0.0.0.0');

/** A question, with one answer of type A behind it: the name by its place, class IN, one minute. */
function answerTo(question) {
  let end = 12;
  while (question[end] !== 0) end += question[end] + 1;
  const isA = question.readUInt16BE(end + 1) === 1;
  const head = Buffer.from(question.subarray(0, end + 5));
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(isA ? 1 : 0, 6);
  head.writeUInt32BE(0, 8);
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...addresses[0].split('.').map(Number)]);
  return isA ? Buffer.concat([head, record]) : head;
}

// One for each address, so that an answer comes from where it was asked.
for (const own of addresses) {
  const names = createSocket('udp4');
  names.on('message', (question, { port: from, address: whom }) => names.send(answerTo(question), from, whom));
  names.bind(53, own);
}
