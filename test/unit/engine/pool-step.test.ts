import { describe, expect, test } from 'vitest';
import { createShelf, type Member, type Shelf } from '../../../src/engine/pool-shelf.ts';
import { dispensable, nextStep } from '../../../src/engine/pool-step.ts';
import { specOf } from '../../support/leftovers.ts';

const NOW = 1_800_000_000_000;

interface Stocked {
  readonly ready: number;
  /** Asked for in one burst. */
  readonly wants: number;
  /** Seconds since then. */
  readonly age: number;
}

/** By a name as in `acme/box/python`: the tenant, its sandbox, and the image, which make no difference when they are left out. */
type Shelves = Readonly<Record<string, Stocked>>;

function shelvesOf(stocked: Shelves): ReadonlyMap<Shelf, string> {
  return new Map(
    Object.entries(stocked).map(([name, { ready, wants, age }]) => {
      const [tenant = '', sandbox = 'default', image = 'bash'] = name.split('/');
      const shelf = createShelf({ ...specOf(`${tenant}-${sandbox}`), scope: { tenant, sandbox }, image }, 9);
      for (let count = 0; count < wants; count += 1) shelf.demand.note(NOW - age * 1_000);
      shelf.ready.push(...Array.from({ length: ready }, () => ({}) as Member));
      return [shelf, name];
    }),
  );
}

interface Row {
  readonly title: string;
  readonly shelves: Shelves;
  readonly busy?: readonly string[];
  /** Who gets one, and who gives one. */
  readonly step: readonly [string, string?] | undefined;
}

/** With four places, of which one sandbox may have three. */
const ROWS: readonly Row[] = [
  { title: 'nothing lacks', shelves: { acme: { ready: 2, wants: 2, age: 1 } }, step: undefined },
  { title: 'something lacks, and there is room', shelves: { acme: { ready: 1, wants: 2, age: 1 } }, step: ['acme'] },
  { title: 'nobody has asked for ten minutes', shelves: { acme: { ready: 0, wants: 2, age: 700 } }, step: undefined },
  {
    title: 'two kinds of a tenant lack something: the one asked for last',
    shelves: { 'acme/a': { ready: 0, wants: 1, age: 2 }, 'acme/b': { ready: 0, wants: 1, age: 1 } },
    step: ['acme/b'],
  },
  {
    title: 'two tenants lack something: the one that has fewest, however often the other asks',
    shelves: { flood: { ready: 1, wants: 3, age: 0 }, acme: { ready: 0, wants: 1, age: 30 } },
    step: ['acme'],
  },
  {
    title: 'one of them waits for one that is made for it: the other',
    shelves: { flood: { ready: 0, wants: 3, age: 0 }, acme: { ready: 1, wants: 2, age: 30 } },
    busy: ['flood'],
    step: ['acme'],
  },
  { title: 'all of them do', shelves: { flood: { ready: 0, wants: 3, age: 0 } }, busy: ['flood'], step: undefined },
  {
    title: 'a sandbox has as many as it may, and asks for another kind: the older kind gives way',
    shelves: { 'acme/a/bash': { ready: 3, wants: 3, age: 9 }, 'acme/a/python': { ready: 0, wants: 1, age: 1 } },
    step: ['acme/a/python', 'acme/a/bash'],
  },
  {
    title: 'a tenant asks in another sandbox, and there is no room: the older sandbox gives way',
    shelves: { 'acme/a': { ready: 3, wants: 3, age: 9 }, 'acme/b': { ready: 1, wants: 1, age: 5 }, 'acme/c': { ready: 0, wants: 1, age: 1 } },
    step: ['acme/c', 'acme/a'],
  },
  {
    title: 'a flooding tenant wants the places of one that has less',
    shelves: { 'flood/a': { ready: 3, wants: 3, age: 0 }, 'flood/b': { ready: 0, wants: 3, age: 0 }, acme: { ready: 1, wants: 1, age: 30 } },
    step: undefined,
  },
  {
    title: 'a flooding tenant has all places, and another asks once: it gets one, although the flood asked later',
    shelves: { 'flood/a': { ready: 3, wants: 3, age: 0 }, 'flood/b': { ready: 1, wants: 1, age: 1 }, acme: { ready: 0, wants: 1, age: 3 } },
    step: ['acme', 'flood/b'],
  },
  {
    title: 'two tenants have half each, and both want more',
    shelves: { 'flood/a': { ready: 2, wants: 3, age: 0 }, acme: { ready: 2, wants: 3, age: 1 } },
    step: undefined,
  },
  {
    title: 'every place is some tenant’s, and one more comes: the one that asked longest ago gives way',
    shelves: {
      a: { ready: 1, wants: 1, age: 9 },
      b: { ready: 1, wants: 1, age: 8 },
      c: { ready: 1, wants: 1, age: 7 },
      d: { ready: 1, wants: 1, age: 6 },
      e: { ready: 0, wants: 1, age: 1 },
    },
    step: ['e', 'a'],
  },
  {
    title: 'a tenant has a place that it has not asked for in a minute',
    shelves: { 'flood/a': { ready: 3, wants: 3, age: 0 }, 'flood/b': { ready: 0, wants: 1, age: 0 }, acme: { ready: 1, wants: 1, age: 90 } },
    step: ['flood/b', 'acme'],
  },
  {
    title: 'a tenant that has not asked for a minute lacks one',
    shelves: { 'flood/a': { ready: 3, wants: 3, age: 0 }, 'flood/b': { ready: 1, wants: 1, age: 0 }, acme: { ready: 0, wants: 1, age: 90 } },
    step: undefined,
  },
  {
    title: 'the first in turn can have none, but the next can',
    shelves: { acme: { ready: 1, wants: 2, age: 90 }, 'b/x/bash': { ready: 3, wants: 3, age: 5 }, 'b/x/python': { ready: 0, wants: 1, age: 1 } },
    step: ['b/x/python', 'b/x/bash'],
  },
];

describe('what is made ahead next', () => {
  test.each(ROWS)('when $title', ({ shelves, busy = [], step }) => {
    const names = shelvesOf(shelves);
    const next = nextStep(names.keys(), { now: NOW, mostPerSandbox: 3, most: 4, isBusy: (tenant) => busy.includes(tenant) });
    expect(next && [names.get(next.makeFor), next.takeFrom && names.get(next.takeFrom)]).toEqual(step && [step[0], step[1]]);
  });

  test('without any room, nothing', () => {
    const shelves = shelvesOf({ acme: { ready: 0, wants: 1, age: 0 } });
    expect(nextStep(shelves.keys(), { now: NOW, mostPerSandbox: 3, most: 0, isBusy: () => false })).toBeUndefined();
  });

  test('comes to an end, whatever lacks, with the places shared between those who ask', () => {
    const names = shelvesOf({
      'flood/a': { ready: 3, wants: 9, age: 0 },
      'flood/b': { ready: 1, wants: 9, age: 0 },
      acme: { ready: 0, wants: 9, age: 20 },
      globex: { ready: 0, wants: 9, age: 40 },
    });
    let steps = 0;
    for (;;) {
      const step = nextStep(names.keys(), { now: NOW, mostPerSandbox: 3, most: 4, isBusy: () => false });
      if (!step) break;
      step.takeFrom?.ready.shift();
      step.makeFor.ready.push({} as Member);
      steps += 1;
      expect(steps).toBeLessThan(20);
    }
    const left = [...names].map(([{ ready }, name]) => `${name}: ${ready.length}`);
    expect(left.slice(2)).toEqual(['acme: 1', 'globex: 1']);
  });
});

describe('when places are taken away, first goes', () => {
  test.each<{ title: string; shelves: Shelves; first: string | undefined }>([
    { title: 'nothing, when there is nothing', shelves: { acme: { ready: 0, wants: 1, age: 1 } }, first: undefined },
    { title: 'what is more than is asked for', shelves: { a: { ready: 1, wants: 1, age: 30 }, b: { ready: 2, wants: 1, age: 1 } }, first: 'b' },
    { title: 'what nobody has asked for in a minute', shelves: { a: { ready: 1, wants: 1, age: 90 }, b: { ready: 3, wants: 3, age: 1 } }, first: 'a' },
    { title: 'one of the tenant that has most', shelves: { a: { ready: 1, wants: 1, age: 30 }, b: { ready: 3, wants: 3, age: 1 } }, first: 'b' },
    { title: 'of equals the one asked for longest ago', shelves: { a: { ready: 1, wants: 1, age: 30 }, b: { ready: 1, wants: 1, age: 1 } }, first: 'a' },
  ])('$title', ({ shelves, first }) => {
    const names = shelvesOf(shelves);
    const found = dispensable(names.keys(), NOW);
    expect(found && names.get(found)).toBe(first);
  });
});
