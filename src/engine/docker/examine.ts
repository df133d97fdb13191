import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type Docker from 'dockerode';
import type { EngineFacts } from '../engine-facts.ts';
import { type CgroupInfo, cgroupDriverOf } from './cgroups.ts';
import { QUICK_MS, withDeadline } from './deadline.ts';
import { statusOf, translate } from './errors.ts';
import { type RuntimeInfo, runtimeTraits } from './runtimes.ts';

/** The fields of the info and version calls that the published types lack. */
interface Info extends RuntimeInfo, CgroupInfo {
  readonly ID: string;
  readonly CgroupVersion?: string;
  readonly Driver: string;
  readonly LoggingDriver: string;
  readonly LiveRestoreEnabled: boolean;
  readonly MemoryLimit: boolean;
  readonly SwapLimit: boolean;
  readonly CpuCfsQuota: boolean;
  readonly PidsLimit: boolean;
  readonly SystemTime: string;
  readonly DockerRootDir: string;
  readonly RuncCommit?: { readonly ID?: string };
}

interface Version {
  readonly Version: string;
  readonly Components?: readonly { readonly Name: string; readonly Version: string; readonly Details?: { readonly GitCommit?: string } }[];
}

/** Which engine it is, and in which version: what was found out about it once holds as long as this stays. */
export async function identify(docker: Docker): Promise<string> {
  const [info, version] = await ask(docker);
  return JSON.stringify([
    info.ID,
    version.Version,
    version.Components?.map(({ Name, Version: own }) => [Name, own]),
    info.DefaultRuntime,
    info.Runtimes,
    info.SecurityOptions,
  ]);
}

/** What an engine says of itself. Rejects with ENGINE_UNAVAILABLE. */
export async function examineEngine(docker: Docker, images: readonly string[]): Promise<EngineFacts> {
  const [info, version] = await ask(docker);
  const { Runtimes = {}, SecurityOptions } = info;
  const has = (option: string) => (SecurityOptions ?? []).some((text) => text.split(',').includes(`name=${option}`));
  const component = (name: string) => packageVersion(version.Components?.find(({ Name }) => Name === name));
  return {
    versions: { engine: version.Version, containerd: component('containerd'), runc: component('runc') },
    cgroupVersion: info.CgroupVersion === '2' ? 2 : 1,
    hasTenantCgroups: cgroupDriverOf(info) !== null,
    storageDriver: info.Driver,
    logDriver: info.LoggingDriver,
    isRootless: has('rootless'),
    hasUserNamespaces: has('userns'),
    hasSeccomp: has('seccomp'),
    hasLiveRestore: info.LiveRestoreEnabled,
    limits: { memory: info.MemoryLimit, swap: info.SwapLimit, cpu: info.CpuCfsQuota, pids: info.PidsLimit },
    ...runtimeTraits(info),
    runtimes: Object.fromEntries(Object.entries(Runtimes).map(([name, { runtimeArgs }]) => [name, runtimeArgs ?? []])),
    missingImages: await findMissing(docker, images),
    clockSkewMs: Date.parse(info.SystemTime) - Date.now(),
    freeBytes: await freeBytesOf(info.DockerRootDir),
  };
}

/** Debian puts the whole version of the package where others have a commit. */
function packageVersion(component: { readonly Version: string; readonly Details?: { readonly GitCommit?: string } } | undefined): string | undefined {
  const commit = component?.Details?.GitCommit ?? '';
  return component && commit.startsWith(component.Version) ? commit : component?.Version;
}

async function ask(docker: Docker): Promise<[Info, Version]> {
  const asked = Promise.all([docker.info(), docker.version()]);
  return withDeadline(asked as unknown as Promise<[Info, Version]>, { ms: QUICK_MS, what: 'tell what it is' }).catch((error) => {
    throw translate(error);
  });
}

async function findMissing(docker: Docker, images: readonly string[]): Promise<string[]> {
  const looked = images.map(async (image) => {
    const inspected = docker.getImage(image).inspect();
    return withDeadline(inspected, { ms: QUICK_MS, what: 'look for an image' }).then(
      () => [],
      (error) => {
        if (statusOf(error) === 404) return [image];
        throw translate(error);
      },
    );
  });
  return (await Promise.all(looked)).flat();
}

/** A folder of that name with its volumes in it is taken for the engine's. */
async function freeBytesOf(root: string): Promise<number | undefined> {
  return statfs(join(root, 'volumes')).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => undefined,
  );
}
