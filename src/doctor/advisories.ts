import type { EngineComponent } from '../engine/engine-facts.ts';
import { bad, type Finding, good } from './finding.ts';
import { isFixed, isOfDistribution } from './versions.ts';

export interface Advisory {
  readonly id: string;
  readonly component: EngineComponent;
  /** The first fixed version of each branch that got the fix. */
  readonly fixedIn: readonly string[];
  /** Versions of distributions that have it too. */
  readonly patched?: readonly string[];
  readonly level: 'advice' | 'dangerous';
  readonly title: string;
  /** What it means for Coracle. */
  readonly here: string;
  readonly source: string;
}

const TITLES = { engine: 'Docker Engine', containerd: 'containerd', runc: 'runc' } as const;

/** What is known against the versions of an engine. A distribution's build may have a fix that its version does not show, so that is never dangerous. */
export function judgeVersions(versions: Readonly<Record<Advisory['component'], string | undefined>>, advisories: readonly Advisory[]): Finding[] {
  return (['engine', 'containerd', 'runc'] as const).flatMap((component) => {
    const version = versions[component];
    if (version === undefined) return [];
    const known = advisories.filter(
      (advisory) => advisory.component === component && !isFixed(version, advisory.fixedIn) && !advisory.patched?.includes(version),
    );
    if (known.length === 0) return [good(`version.${component}`, `${TITLES[component]} ${version}: no advisory is known here`)];
    return known.map((advisory) => judge(advisory, version));
  });
}

function judge({ id, component, fixedIn, level, title, here, source }: Advisory, version: string): Finding {
  const isPackaged = isOfDistribution(version);
  const update = `Update ${TITLES[component]} to ${fixedIn.join(', ')} or later.`;
  return bad(isPackaged ? 'advice' : level, `advisory.${id}`, {
    what: `${TITLES[component]} ${version}: ${title} (${id})`,
    why: here,
    remedy: isPackaged ? `Look whether your distribution has fixed it (${source}); if not: ${update}` : `${update} See ${source}`,
  });
}
