import { expect, test } from 'vitest';
import { createChangeReader, readChanges } from '../../../src/workspace/changes.ts';

const notice = (words: string, name: string, folder = '/workspace/') => `${words}\0${folder}\0${name}\0`;
const PART = '.coracle-12-345';

test.each([
  { title: 'a new file', printed: [notice('CREATE', 'a'), notice('CLOSE_WRITE,CLOSE', 'a')], told: ['created a', 'modified a'] },
  { title: 'a new folder', printed: [notice('CREATE,ISDIR', 'd')], told: ['created d'] },
  { title: 'a removal', printed: [notice('DELETE', 'a'), notice('DELETE,ISDIR', 'd')], told: ['deleted a', 'deleted d'] },
  { title: 'a renaming', printed: [notice('MOVED_FROM', 'a'), notice('MOVED_TO', 'b')], told: ['renamed b from a'] },
  { title: 'a file that goes out of sight', printed: [notice('MOVED_FROM', 'a'), notice('CREATE', 'b')], told: ['deleted a', 'created b'] },
  { title: 'a file that comes into sight', printed: [notice('MOVED_TO', 'b')], told: ['created b'] },
  { title: 'the same again and again', printed: [notice('CLOSE_WRITE', 'a'), notice('CLOSE_WRITE', 'a')], told: ['modified a'] },
  { title: 'what tells of no file', printed: [notice('Q_OVERFLOW', '', '')], told: [] },
  {
    title: 'a new file that a call writes',
    printed: [notice('CREATE', PART), notice('CLOSE_WRITE', PART), notice('CREATE', 'a'), notice('DELETE', PART)],
    told: ['created a'],
  },
  { title: 'a file that a call replaces', printed: [notice('CREATE', PART), notice('MOVED_FROM', PART), notice('MOVED_TO', 'a')], told: ['modified a'] },
  { title: 'a name with every character', printed: [notice('CREATE', 'a\n,"ü')], told: ['created a\n,"ü'] },
])('$title', ({ printed, told }) => {
  const reader = createChangeReader();
  const changes = [...reader.read(Buffer.from(printed.join(''))), ...reader.end()];
  const short = (path: string) => path.replace('/workspace/', '');
  expect(changes.map(({ event, path, oldPath }) => `${event} ${short(path)}${oldPath ? ` from ${short(oldPath)}` : ''}`)).toEqual(told);
});

test('notices that are cut anywhere are read when they are whole', () => {
  const printed = Buffer.from(notice('CREATE', 'é') + notice('DELETE', 'b'));
  for (let cut = 0; cut <= printed.length; cut += 1) {
    const { read } = createChangeReader();
    expect([...read(printed.subarray(0, cut)), ...read(printed.subarray(cut))].map(({ event }) => event)).toEqual(['created', 'deleted']);
  }
});

/** What is told of halves that come one after the other, with a pause before the second. */
async function toldOf(pause: number): Promise<string[]> {
  async function* halves() {
    yield Buffer.from(notice('MOVED_FROM', 'a'));
    await new Promise((resolve) => setTimeout(resolve, pause));
    yield Buffer.from(notice('MOVED_TO', 'b'));
  }
  const told = [];
  for await (const changes of readChanges(halves())) told.push(...changes.map(({ event }) => event));
  return told;
}

test('the halves of a renaming belong together when the second comes soon', async () => {
  expect(await toldOf(0)).toEqual(['renamed']);
  expect(await toldOf(1_000)).toEqual(['deleted', 'created']);
});
