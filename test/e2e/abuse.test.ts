import { afterAll, beforeAll, describe, it } from 'vitest';
import { ALL_CASES } from '../abuse/cases/all.ts';
import { openStage, type Stage } from '../abuse/stage.ts';

/** A few of each kind, on runc; `npm run abuse` plays all, on gVisor too. */
describe('hostile programs', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage('runc');
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  it.each(ALL_CASES.filter(({ isInCi }) => isInCi).map((abuse) => ({ title: `${abuse.group}: ${abuse.name}`, abuse })))('$title is contained', ({ abuse }) =>
    abuse.play(stage).then(() => undefined),
  );
});
