import { expect, test } from 'vitest';
import { freeSubnets, prefixFor, rangeOf, routedRanges } from '../../../../src/engine/docker/subnets.ts';

const search = { pools: ['198.18.0.0/29', '10.0.0.8/30'], prefix: 30, taken: [], from: 0, most: 10 };

test('every network of the pools is free when none is taken, in turns from anywhere', () => {
  expect(freeSubnets(search)).toEqual(['198.18.0.0/30', '198.18.0.4/30', '10.0.0.8/30']);
  expect(freeSubnets({ ...search, from: 0.4 })).toEqual(['198.18.0.4/30', '10.0.0.8/30', '198.18.0.0/30']);
  expect(freeSubnets({ ...search, from: 0.999 })).toEqual(['10.0.0.8/30', '198.18.0.0/30', '198.18.0.4/30']);
  expect(freeSubnets({ ...search, most: 1 })).toEqual(['198.18.0.0/30']);
});

test.each([
  ['198.18.0.0/30', ['198.18.0.4/30', '10.0.0.8/30']],
  ['198.18.0.2/32', ['198.18.0.4/30', '10.0.0.8/30']],
  ['198.18.0.3/32', ['198.18.0.4/30', '10.0.0.8/30']],
  ['198.18.0.0/15', ['10.0.0.8/30']],
  ['10.0.0.0/8', ['198.18.0.0/30', '198.18.0.4/30']],
  ['0.0.0.0/0', []],
])('with %s taken, %j are left', (taken, left) => {
  expect(freeSubnets({ ...search, taken: [rangeOf(taken)] })).toEqual(left);
});

test('a pool that is smaller than a network has none', () => {
  expect(freeSubnets({ ...search, prefix: 28 })).toEqual([]);
});

test.each([
  [1, 30],
  [5, 29],
  [13, 28],
  [14, 27],
  [20, 27],
  [29, 27],
  [30, 26],
  [253, 24],
])('%i addresses need /%i', (addresses, prefix) => {
  expect(prefixFor(addresses)).toBe(prefix);
});

test("the machine's routes are read, and those to everywhere left out", () => {
  const head = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT';
  const row = (destination: string, mask: string) => `eth0\t${destination}\t00000000\t0001\t0\t0\t0\t${mask}\t0\t0\t0   `;
  // The default, half of everything as a VPN has it, 172.17.0.0/16, one host.
  const table = [head, row('00000000', '00000000'), row('00000080', '00000080'), row('000011AC', '0000FFFF'), row('FEA9FEA9', 'FFFFFFFF'), ''].join('\n');
  expect(routedRanges(table)).toEqual([rangeOf('172.17.0.0/16'), rangeOf('169.254.169.254/32')]);
  expect(routedRanges('')).toEqual([]);
});
