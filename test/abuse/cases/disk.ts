import assert from 'node:assert/strict';
import { imageOf } from '../../support/mounted.ts';
import { type Afterwards, type Answers, type Attack, attack } from '../attack.ts';
import type { AbuseCase } from '../case.ts';
import { openStage } from '../stage.ts';

type Row = Pick<Attack, 'name' | 'program' | 'env' | 'timeout' | 'isInCi'> & {
  /** Where each workspace is a filesystem of its own. */
  readonly answers: Answers;
};

const MIB = 1024 * 1024;
/** Where workspaces are counted. */
const ENDED: Answers = { status: 'failed', failure: 'disk_limit' };
/** The program has not asked what becomes of it when its disk is full. */
const TOLD: Answers = { status: 'failed', failure: 'exit', stdout: '', stderr: /No space left on device/ };

const ROWS: readonly Row[] = [
  { name: 'many files that fill /workspace', isInCi: true, program: 'fill-files.py', env: { FOLDERS: '/workspace' }, timeout: 60, answers: TOLD },
  { name: 'many files that fill /tmp', program: 'fill-files.py', env: { FOLDERS: '/tmp' }, timeout: 60, answers: TOLD },
  { name: 'many files that fill both', program: 'fill-files.py', env: { FOLDERS: '/workspace /tmp' }, timeout: 60, answers: TOLD },
  {
    name: 'a million empty files in /workspace',
    program: 'empty-files.py',
    env: { FOLDER: '/workspace' },
    timeout: 120,
    answers: { status: 'completed', stdout: /^held: ENOSPC after \d{4,5} files\n$/ },
  },
];

/** One file is bounded by its own limit too, where workspaces are counted: that comes before the count. */
const ONE_FILE: Row = {
  name: 'one file that fills /workspace',
  program: 'fill.py',
  env: { FOLDERS: '/workspace', MOST_MB: '200' },
  answers: { status: 'completed', stdout: /^held: \/workspace ENOSPC after 7\d MiB\n$/ },
};
const ONE_FILE_COUNTED: Answers = { status: 'completed', stdout: /^held: \/workspace EFBIG after (79|80) MiB\n$/ };

/** The host gives no more than the size, whatever is written. */
async function checkImage({ stage, api }: Afterwards): Promise<void> {
  const { body } = await api.call<{ data: readonly { id: string }[] }>('GET', '/v1/sandboxes');
  const { size, taken } = await imageOf(stage.server, body.data[0]?.id ?? '');
  assert.equal(size, stage.limits.workspaceBytes);
  assert.ok(taken <= stage.limits.workspaceBytes + MIB, `${taken / MIB} MiB of the host`);
}

const bounded = (row: Row): AbuseCase => attack({ group: 'resources', ...row, afterwards: checkImage });

function counted({ name, isInCi: _, ...row }: Row, answers = ENDED): AbuseCase {
  const abuse = attack({ group: 'resources', ...row, name: `${name}, where workspaces are counted`, answers });
  return {
    ...abuse,
    async play(stage) {
      await using other = await openStage(stage.runtime, { CORACLE_WORKSPACE_QUOTA: 'accounting' });
      // Awaited here, because the stage goes with this block.
      return await abuse.play(other);
    },
  };
}

export const DISK: readonly AbuseCase[] = [...[ONE_FILE, ...ROWS].map(bounded), counted(ONE_FILE, ONE_FILE_COUNTED), ...ROWS.map((row) => counted(row))];
