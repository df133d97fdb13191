import { randomUUID } from 'node:crypto';
import { LABEL } from '../../../src/engine/docker/labels.ts';
import { type Options, prints, withContainer } from '../../support/bare-container.ts';
import { docker } from '../../support/docker.ts';
import { host, type Row } from './row.ts';

const MIB = 1024 * 1024;

const mounts = (change: object) => host(({ Mounts = [] }) => ({ Mounts: Mounts.map((mount) => ({ ...mount, ...change })) }));
const volumes = (change: object) =>
  host(({ Mounts = [] }) => ({ Mounts: Mounts.map((mount) => ({ ...mount, VolumeOptions: { ...mount.VolumeOptions, ...change } })) }));
const tmpfs = (from: RegExp, to: string) =>
  host(({ Tmpfs = {} }) => ({
    Tmpfs: Object.fromEntries(Object.entries(Tmpfs as Record<string, string>).map(([path, text]) => [path, text.replace(from, to)])),
  }));

const TOUCH = 'touch /workspace/x 2>/dev/null && echo kept || echo lost';
const flag = (name: string) => prints(`grep " /tmp/coracle " /proc/mounts | cut -d" " -f4 | tr , "\\n" | grep -cx ${name}; true`);

/** What one container writes there, and the next one finds. */
async function shared(options: Options): Promise<string> {
  await prints('echo kept > /workspace/x')(options);
  return prints('cat /workspace/x 2>/dev/null')(options);
}

/** Whether the volumes can be told from those of others. */
function labelled(options: Options): Promise<string> {
  return withContainer(options, async () => {
    const { Volumes } = await docker.listVolumes({ filters: { label: [`${LABEL.sandbox}=${options.Labels?.[LABEL.sandbox]}`] } });
    return String(Volumes?.length ?? 0);
  });
}

export const STORAGE: readonly Row[] = [
  {
    option: 'ShmSize',
    without: host(() => ({ ShmSize: 256 * MIB })),
    shows: prints('df -m --output=size /dev/shm | tail -1 | tr -d " "'),
    held: /^64$/m,
  },
  { option: 'Mounts Type', without: mounts({ Type: undefined }), shows: prints(TOUCH), held: /^kept$/m },
  { option: 'Mounts Source', without: mounts({ Source: undefined }), shows: shared, held: /^kept$/m },
  { option: 'Mounts Target', without: mounts({ Target: undefined }), shows: prints(TOUCH), held: /^kept$/m },
  { option: 'Mounts ReadOnly', without: mounts({ ReadOnly: true }), shows: prints(TOUCH), held: /^kept$/m },
  // The owner and mode of the image's directory come with what is copied.
  { option: 'Mounts VolumeOptions NoCopy', without: volumes({ NoCopy: true }), shows: prints(TOUCH), held: /^kept$/m },
  { option: 'Mounts VolumeOptions Labels', without: volumes({ Labels: undefined }), shows: labelled, held: /^2$/ },
  {
    option: 'Mounts VolumeOptions DriverConfig Name',
    without: volumes({ DriverConfig: { Name: `no-${randomUUID()}` } }),
    shows: (options) => prints(TOUCH)(options).catch(() => 'refused'),
    held: /^kept$/m,
  },
  { option: 'Tmpfs rw', without: tmpfs(/^rw/, 'ro'), shows: prints('touch /tmp/coracle/x && echo written'), held: /^written$/m },
  { option: 'Tmpfs exec', without: tmpfs(/,exec/, ''), shows: prints('cp /bin/true /tmp/coracle && /tmp/coracle/true && echo ran'), held: /^ran$/m },
  { option: 'Tmpfs nosuid', without: tmpfs(/,nosuid/, ',suid'), shows: flag('nosuid'), held: /^1$/m },
  { option: 'Tmpfs nodev', without: tmpfs(/,nodev/, ',dev'), shows: flag('nodev'), held: /^1$/m },
  { option: 'Tmpfs size', without: tmpfs(/,size=\d+/, ''), shows: prints('df -m --output=size /tmp/coracle | tail -1 | tr -d " "'), held: /^8$/m },
  {
    option: 'Tmpfs nr_inodes',
    without: tmpfs(/,nr_inodes=\d+/, ''),
    shows: prints('df --output=itotal /tmp/coracle | tail -1 | tr -d " "'),
    held: /^65536$/m,
  },
];
