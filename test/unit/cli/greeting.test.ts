import { expect, it } from 'vitest';
import { greeting } from '../../../src/cli/greeting.ts';

it('names the server where the command line would not find it by itself', () => {
  expect(greeting({ url: 'http://127.0.0.1:7777', token: 't' })).toContain('\nnpx coracle ps\n');
  const elsewhere = greeting({ url: 'http://127.0.0.1:8080', token: 't0ken' });
  expect(elsewhere).toContain('\nnpx coracle ps --url http://127.0.0.1:8080\n');
  expect(elsewhere.match(/Bearer t0ken/g)).toHaveLength(2);
});
