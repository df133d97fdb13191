import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { volumeNames } from '../../src/engine/docker/labels.ts';
import { makeOtherImage, type Options, optionsInForce } from '../support/bare-container.ts';
import { docker } from '../support/docker.ts';
import { ISOLATION } from './options/isolation.ts';
import { LIFE, OTHER_IMAGE } from './options/life.ts';
import { LIMITS } from './options/limits.ts';
import { optionNames, type Row } from './options/row.ts';
import { STORAGE } from './options/storage.ts';

/**
 * Each option of a container alone: something for which it makes a difference, with all options and with all but that one. Where the second comes out like
 * the first, the option does nothing here, and nobody would notice when it is lost.
 */
const ROWS = [...ISOLATION, ...LIMITS, ...STORAGE, ...LIFE];

/** Options that no container shows. */
const NO_ROWS = {
  Image: 'there is nothing to run without',
  AttachStdin: 'a note for clients: the engine attaches what it is asked to',
  AttachStdout: 'as above',
  AttachStderr: 'as above',
  'Tmpfs mode': 'the directory in the image has that mode, and the engine keeps it; it counts for an image that has none',
  'Mounts VolumeOptions DriverConfig Options': 'there are none without a disk of its own for each sandbox (quota.test.ts)',
  'LogConfig Config compress': 'the log reads the same; it saves the engine the work',
};

const names = optionNames(await optionsInForce('names'));
/** cgroup v2 has no swappiness, and not every engine can be told where to put cgroups. */
const ONLY_SOMEWHERE = ['MemorySwappiness', 'CgroupParent'];

test('every option has one row, or a reason why it has none', () => {
  const rows = ROWS.map(({ option }) => option).filter((option) => names.includes(option) || !ONLY_SOMEWHERE.includes(option));
  expect([...rows, ...Object.keys(NO_ROWS)].toSorted()).toEqual(names.toSorted());
});

describe('without one option alone, containers are less', () => {
  const sandboxIds: string[] = [];

  beforeAll(() => makeOtherImage(OTHER_IMAGE));
  afterAll(async () => {
    await docker.getImage(OTHER_IMAGE).remove({ force: true });
    for (const { name } of sandboxIds.flatMap(volumeNames))
      await docker
        .getVolume(name)
        .remove({ force: true })
        .catch(() => undefined);
  });

  /** Of a sandbox of its own, so that no volume is there before. */
  async function show({ beside = asItIs, shows }: Row, change: (options: Options) => Options): Promise<string> {
    const sandboxId = `test-${randomUUID()}`;
    sandboxIds.push(sandboxId);
    return shows(change(beside(await optionsInForce(sandboxId))));
  }

  it.each(ROWS.filter(({ option }) => names.includes(option)))('$option', async (row) => {
    expect(await show(row, asItIs)).toMatch(row.held);
    expect(await show(row, row.without)).not.toMatch(row.held);
  });
});

function asItIs(options: Options): Options {
  return options;
}
