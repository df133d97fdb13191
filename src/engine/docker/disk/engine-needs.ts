import type Docker from 'dockerode';
import { newId } from '../../../ids.ts';
import { QUICK_MS, withDeadline } from '../deadline.ts';
import { statusOf, translate } from '../errors.ts';
import { boundedVolumeName, LABEL } from '../labels.ts';
import type { Need } from './choose-quota.ts';
import { sizeOption } from './volume-disk.ts';

export interface EngineNeedsOptions {
  readonly docker: Docker;
  readonly instance: string;
}

const TRIAL_BYTES = 4 * 1024 * 1024;
/** 400 is how engines answer; what stands between may say otherwise, and means the same. */
const NOT_OFFERED = [400, 403, 500, 501];

/** What has to be so for the engine to bound a volume: that it makes one. An engine takes a size only when it has set a quota on its own folder before. */
export function engineNeeds({ docker, instance }: EngineNeedsOptions): readonly Need[] {
  return [() => makesBounded(docker, instance)];
}

/** Under the id of a sandbox that nobody has, so that what a crash leaves is swept like one's. */
async function makesBounded(docker: Docker, instance: string): Promise<string | undefined> {
  const sandboxId = newId('sbx');
  const Name = boundedVolumeName(sandboxId);
  const Labels = { [LABEL.instance]: instance, [LABEL.sandbox]: sandboxId, [LABEL.bounded]: String(TRIAL_BYTES) };
  const made = docker.createVolume({ Name, Driver: 'local', DriverOpts: sizeOption(TRIAL_BYTES), Labels });
  try {
    await withDeadline(made, { ms: QUICK_MS, what: 'make a volume with a size' });
    return undefined;
  } catch (error) {
    if (!NOT_OFFERED.includes(statusOf(error) ?? 0)) throw translate(error);
    return "the engine's data folder has no project quotas (xfs mounted with pquota, or ext4 made with -O project,quota and mounted with prjquota)";
  } finally {
    await docker
      .getVolume(Name)
      .remove()
      .catch(() => undefined);
  }
}
