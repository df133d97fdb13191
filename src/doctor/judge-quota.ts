import type { Quota, QuotaWish } from '../engine/workspace-quota.ts';
import { bad, type Finding, good } from './finding.ts';

const REMEDY =
  "Put the engine's data folder on xfs that is mounted with pquota, or on ext4 that was made with -O project,quota and is mounted with prjquota (then the server may run anywhere); or run the server as root on the host of the engine, outside a container and without PrivateTmp, its data folder on a disk, with mkfs.ext4, e2fsck, resize2fs (Debian: e2fsprogs), losetup and mount there";

/** Whether the files of sandboxes are bounded as they should be. */
export function judgeQuota(quota: Quota, wish: QuotaWish): Finding {
  if (quota.kind === 'hard' && quota.by === 'engine')
    return good('workspace-quota', "the files of each new sandbox are bounded by the engine's own quota: no program can write beyond it");
  if (quota.kind === 'hard')
    return good('workspace-quota', 'each new sandbox gets a filesystem of its own for its files: no program can write beyond its size');
  const told = {
    what: `the files of new sandboxes are bounded by counting alone: ${quota.why}`,
    why: 'Within some seconds a program can fill the disk before it is ended.',
  };
  if (wish === 'hard') return bad('dangerous', 'workspace-quota', { ...told, remedy: `${REMEDY}; or set CORACLE_WORKSPACE_QUOTA=auto.` });
  return bad('advice', 'workspace-quota', { ...told, remedy: wish === 'auto' ? `${REMEDY}.` : 'Unset CORACLE_WORKSPACE_QUOTA.' });
}

/** For an engine that refuses to start a container on what it was found to be able to give, or to see. */
export function unseenDisk(by: 'engine' | 'filesystem'): Finding {
  const seen = {
    what: "the engine starts no container with a workspace on a filesystem of the sandbox's own",
    why: 'It may not see what the server mounts, and every process would fail.',
    remedy: 'Let the engine run in the mount namespace of its host (its log says what it misses), or set CORACLE_WORKSPACE_QUOTA=accounting.',
  };
  const bounded = {
    what: 'the engine starts no container with a workspace in a volume that it bounds',
    why: 'Its images may be older than the server, and every process would fail.',
    remedy: 'Run "npm run setup" again (the log of the engine says what it misses), or set CORACLE_WORKSPACE_QUOTA=accounting.',
  };
  return bad('dangerous', 'workspace-quota', by === 'engine' ? bounded : seen);
}
