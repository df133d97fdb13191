import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import advisories from '../doctor/advisories.json' with { type: 'json' };
import { type Advisory, judgeVersions } from '../doctor/advisories.ts';
import { bad, dangers, type Finding } from '../doctor/finding.ts';
import { tryInterpreters } from '../doctor/interpreters.ts';
import { judgeEngine } from '../doctor/judge-engine.ts';
import { judgeQuota, unseenDisk } from '../doctor/judge-quota.ts';
import { runProbe } from '../doctor/run-probe.ts';
import type { ContainerEngine } from '../engine/container-engine.ts';
import { connectDocker } from '../engine/docker/connect.ts';
import { createQuotaDisk, type QuotaDisk } from '../engine/docker/disk/quota-disk.ts';
import { NO_DISK, type SandboxDisk } from '../engine/docker/disk/sandbox-disk.ts';
import { createDockerEngine } from '../engine/docker/docker-engine.ts';
import { examineEngine, identify } from '../engine/docker/examine.ts';
import { CoracleError } from '../errors.ts';
import type { Log } from '../execution/log.ts';
import { createUntilDone } from '../execution/retry.ts';
import { imageReferences, readCatalog } from '../images/catalog.ts';
import { readInstance } from '../instance.ts';
import type { Language } from '../languages/language.ts';
import { PROJECT_ROOT, VERSION } from '../version.ts';
import { checkEgress, checkRules } from './egress-checks.ts';

const PROBE_IMAGE = 'bash';
const PROBE_MB = 64;
/** In the data folder: of which engine and server the checks were passed. */
const PASSED = 'checks-passed';

/** Everything that `coracle doctor` looks at. Rejects with ENGINE_UNAVAILABLE. */
export async function diagnoseAll(config: Config): Promise<Finding[]> {
  const findings = await diagnose(config);
  if (dangers(findings).length > 0) return findings;
  const rules = await checkRules(config, readInstance(config.dataDir));
  return [...findings, ...rules, ...(await tryInterpreters(readLanguages(), { engine: probeEngine(config), runtime: config.runtimes.standard }))];
}

/** What the server has to know before anything runs: whether the engine confines what runs on it. Rejects with ENGINE_UNAVAILABLE. */
export async function diagnose(config: Config): Promise<Finding[]> {
  const reference = imageReferences(config.imageTag);
  const { standard, offered } = config.runtimes;
  const images = [...new Set(readLanguages().map(({ image }) => reference(image)))];
  const facts = await examineEngine(connectDocker(), images);
  const wishes = { runtimes: [...(standard === null ? [] : [standard]), ...offered], leastFreeBytes: config.leastFreeBytes };
  const { dataDir, workspaceQuota: wish } = config;
  const disk = createQuotaDisk({ docker: connectDocker(), instance: probeInstance(config), dataDir, wish, imageReference: reference });
  const quota = await disk.quota();
  const told = [...judgeVersions(facts.versions, advisories as Advisory[]), ...judgeEngine(facts, wishes), judgeQuota(quota, wish)];
  if (facts.missingImages.includes(reference(PROBE_IMAGE))) return [...told, UNPROBED];
  const runtimes = [...new Set([standard, ...offered])].filter((name) => name === null || Object.hasOwn(facts.runtimes, name));
  const place = quota.kind === 'hard' ? { by: quota.by, megabytes: PROBE_MB } : undefined;
  const engine = probeEngine(config, place ? disk : NO_DISK);
  // What a look that was cut short has left.
  for (const left of await engine.listVolumes()) await engine.removeVolume(left).catch(() => undefined);
  const probes = runtimes.map((runtime) => {
    const isGvisor = facts.gvisorRuntimes.includes(runtime ?? facts.defaultRuntime);
    return runProbe({ engine, image: PROBE_IMAGE, runtime, isGvisor, place }).catch((error) => {
      if (place && error instanceof CoracleError && error.code === 'ENGINE_REFUSED') return [unseenDisk(place.by)];
      throw error;
    });
  });
  const probed = (await Promise.all(probes)).flat();
  return [...told, ...probed, ...(await checkEgress(config, readInstance(config.dataDir), PROBE_IMAGE))];
}

function readLanguages(): Language[] {
  return readCatalog(join(PROJECT_ROOT, 'images')).map(({ language }) => language);
}

/** A mark of its own, so that nobody takes what is only looked at for a process. */
function probeInstance({ dataDir }: Config): string {
  return `${readInstance(dataDir)}-probe`;
}

function probeEngine(config: Config, disk: SandboxDisk = NO_DISK): ContainerEngine {
  const imageReference = imageReferences(config.imageTag);
  return createDockerEngine({ docker: connectDocker(), instance: probeInstance(config), imageReference, workspaceBytes: PROBE_MB * 1024 * 1024, disk });
}

const UNPROBED: Finding = bad('advice', 'probe', {
  what: 'no container was probed, because the image for it is missing',
  why: 'Nobody has seen yet how containers are confined here.',
  remedy: 'Run "npm run setup", and "coracle doctor" again.',
});

export interface BootChecks {
  readonly log: Log;
  readonly closing: AbortSignal;
  readonly disk: Pick<QuotaDisk, 'quota'>;
}

/**
 * The same checks before anything runs: waits for an engine that is away, and rejects with CONFIG_INVALID that says what to do when something is
 * dangerous. An engine that has passed is not looked at again until it, or the server, is another.
 */
export async function passChecks(config: Config, { log, closing, disk }: BootChecks): Promise<void> {
  const onFailure = (error: unknown) => log.warn({ err: error }, 'the container engine could not be checked; trying again');
  const file = join(config.dataDir, PASSED);
  const quota = await createUntilDone(closing)(disk.quota, onFailure);
  tellQuota(judgeQuota(quota, config.workspaceQuota), log);
  const key = await createUntilDone(closing)(
    async () =>
      JSON.stringify([
        VERSION,
        config.runtimes,
        config.imageTag,
        config.egress,
        quota.kind === 'hard' ? quota.by : quota.kind,
        await identify(connectDocker()),
      ]),
    onFailure,
  );
  if (readOrNothing(file) === key) return;
  const findings = await createUntilDone(closing)(() => diagnose(config), onFailure);
  for (const { check, level, what, remedy } of findings) if (level === 'advice' && check !== 'workspace-quota') log.info({ check, remedy }, `advice: ${what}`);
  const found = dangers(findings);
  if (found.length > 0) throw unsafe(found);
  if (!findings.includes(UNPROBED)) writeFileSync(file, key);
}

/** At every start, because what holds is decided at every start. */
function tellQuota(finding: Finding, log: Log): void {
  if (finding.level === 'dangerous') throw unsafe([finding]);
  log.info({ check: finding.check, ...(finding.remedy ? { remedy: finding.remedy } : {}) }, finding.what);
}

function unsafe(found: readonly Finding[]): CoracleError {
  return new CoracleError('CONFIG_INVALID', `The container engine is not safe to use:\n${found.map(inWords).join('\n')}`);
}

function inWords({ what, why, remedy }: Finding): string {
  return `  ${what}. ${why} ${remedy}`;
}

function readOrNothing(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
