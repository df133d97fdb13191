import { expect, test } from 'vitest';
import { nextForm } from '../../fuzz/forms.ts';
import { seededRandom } from '../../support/random.ts';

const SEEDS = 300;

async function read(seed: number): Promise<FormData | undefined> {
  const { body, type } = nextForm({ random: seededRandom(seed), document: { paths: {} }, ids: ['x'] });
  return new Response(new Uint8Array(body), { headers: { 'Content-Type': type } }).formData().catch(() => undefined);
}

test('many forms are right, also to a strict reader: a file and a path, in either order; and enough are not', async () => {
  const read300 = await Promise.all(Array.from({ length: SEEDS }, (_, seed) => read(seed)));
  const right = read300.filter((form) => form?.has('file') && form.has('path'));
  expect(right.length).toBeGreaterThan(SEEDS / 4);
  expect(right.length).toBeLessThan(SEEDS - 30);
  expect(new Set(right.map((form) => [...(form?.keys() ?? [])][0])).size).toBeGreaterThan(2);
});

test('the same seed makes the same form', () => {
  const [one, other] = [1, 2].map(() => nextForm({ random: seededRandom(7), document: { paths: {} }, ids: ['x'] }));
  expect(one).toEqual(other);
});

test('no odd value stops it', () => {
  for (let seed = 0; seed < 5_000; seed++) expect(nextForm({ random: seededRandom(seed), document: { paths: {} }, ids: ['x'] }).type).not.toBe('');
});
