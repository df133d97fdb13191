import { ODD_VALUES, type ValueSource } from './values.ts';

export interface Form {
  readonly body: Buffer;
  /** The content type, with the boundary. */
  readonly type: string;
}

interface Part {
  readonly headers: readonly string[];
  readonly content: Buffer;
}

const PATHS = ['/workspace/a', '/workspace/b/c', '/tmp/x', '/etc/passwd', '../a', '', '/workspace/€', '/workspace/\0'] as const;
const FILE_NAMES = ['a.txt', '../../a', '', 'a"b', '€.bin', 'x'.repeat(300), 'a\\"; name="path'] as const;
const BOUNDARIES = ['----coracle', 'x', "a'()+_,-./:=?", 'b'.repeat(70)] as const;
const ODD_BOUNDARIES = ['', ' ', 'b'.repeat(5_000), 'a\tb', '€', '--', '"'] as const;
/** More than a file may have in the server that is played against by default. */
const TOO_LARGE = 1_200_000;

/** A form for an upload: mostly one that is right, with its parts in any order. */
export function nextForm({ random }: ValueSource): Form {
  const isOdd = random.integer(1, 3) === 1;
  const boundary = isOdd && random.integer(1, 6) === 1 ? random.pick(ODD_BOUNDARIES) : random.pick(BOUNDARIES);
  const parts = shuffled(random, isOdd ? oddParts(random) : goodParts(random));
  const newline = isOdd && random.integer(1, 8) === 1 ? '\n' : '\r\n';
  const body = Buffer.concat([...parts.map((part) => encoded(part, boundary, newline)), Buffer.from(`--${boundary}--${newline}`)]);
  const quoted = /^[\w-]+$/.test(boundary) ? boundary : `"${boundary.replaceAll('"', '\\"')}"`;
  const types = [
    `multipart/form-data; boundary=${quoted}`,
    'multipart/form-data; boundary=other',
    'multipart/mixed; boundary=x',
    'multipart/form-data',
  ] as const;
  const type = isOdd && random.integer(1, 8) === 1 ? random.pick(types) : types[0];
  return { body: isOdd ? spoilt(random, body) : body, type: type.replaceAll(/[^\x20-\x7e]/g, '?') };
}

type Random = ValueSource['random'];

function goodParts(random: Random): Part[] {
  const content = random.bytes(random.integer(0, 3_000));
  const fields = [field('path', random.pick(PATHS))];
  if (random.integer(1, 3) === 1) fields.push(field('mode', random.pick(['644', '0755', '7777', 'rwx'])));
  if (random.integer(1, 3) === 1) fields.push(field('overwrite', random.pick(['true', 'false', '1', 'maybe'])));
  return [file(random.pick(FILE_NAMES), content), ...fields];
}

function oddParts(random: Random): Part[] {
  const good = goodParts(random);
  const changes: readonly [() => Part[], ...(() => Part[])[]] = [
    () => good.slice(1),
    () => good.slice(0, 1),
    () => [],
    () => [...good, ...good],
    () => [...good, ...Array.from({ length: 30 }, (_, n) => field(`f${n}`, 'x'))],
    () => [...good, field('path', 'x'.repeat(20_000))],
    () => [...good, field('n'.repeat(500), 'x')],
    () => [...good, field('__proto__', 'x'), field('constructor', 'x')],
    () => [...good, { headers: [], content: random.bytes(10) }],
    () => [...good, { headers: ['Content-Disposition: form-data'], content: random.bytes(10) }],
    () => [...good, { headers: [`Content-Disposition: form-data; name="path"; ${'x'.repeat(90_000)}`], content: Buffer.from('x') }],
    () => [...good, { headers: Array.from({ length: 100 }, (_, n) => `X-${n}: x`), content: Buffer.from('x') }],
    () => [...good, { headers: ['Content-Disposition: form-data; name="mode"', 'Content-Transfer-Encoding: base64'], content: Buffer.from('!!!') }],
    () => [...good, { headers: ['Content-Disposition: form-data; name="mode"', 'Content-Type: text/plain; charset=odd'], content: Buffer.from([0xff]) }],
    () => [...good, { headers: ['Content-Disposition: form-data; name="file"; filename*=UTF-8\'\'%ff%'], content: Buffer.from('x') }],
    () => [file('big', Buffer.alloc(TOO_LARGE)), ...good.slice(1)],
    () => [...good.slice(1), file('a', Buffer.from('--x\r\n--x--\r\n----coracle\r\n\r\n--'))],
    () => [good[0] as Part, field('path', JSON.stringify(random.pick(ODD_VALUES)))],
    () => [field('file', 'no file'), ...good.slice(1)],
  ];
  return random.pick(changes)();
}

function field(name: string, value: string): Part {
  return { headers: [`Content-Disposition: form-data; name="${name}"`], content: Buffer.from(value.toWellFormed()) };
}

function file(name: string, content: Buffer): Part {
  return { headers: [`Content-Disposition: form-data; name="file"; filename="${name}"`, 'Content-Type: application/octet-stream'], content };
}

function encoded({ headers, content }: Part, boundary: string, newline: string): Buffer {
  const head = [`--${boundary}`, ...headers, '', ''].join(newline);
  return Buffer.concat([Buffer.from(head), content, Buffer.from(newline)]);
}

/** Half of them: cut, with something before or after, or with bytes that belong nowhere. */
function spoilt(random: Random, body: Buffer): Buffer {
  switch (random.integer(1, 8)) {
    case 1:
      return body.subarray(0, random.integer(0, body.length));
    case 2:
      return Buffer.concat([Buffer.from('before\r\n'), body, Buffer.from('after')]);
    case 3:
      return Buffer.concat([body.subarray(0, body.length >> 1), random.bytes(5), body.subarray(body.length >> 1)]);
    case 4:
      return body.subarray(1);
    default:
      return body;
  }
}

function shuffled(random: Random, parts: Part[]): Part[] {
  return parts
    .map((part) => ({ part, at: random.integer(0, 1_000_000) }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ part }) => part);
}
