/** `1.2.0-rc.3` → [1, 2, 0, -1, 3]: numbers compare in order, and a release candidate comes before its release. */
function partsOf(version: string): number[] {
  const [, major = '0', minor = '0', patch = '0', candidate] = /^v?(\d+)\.(\d+)(?:\.(\d+))?(?:[-~]rc\.?(\d+))?/.exec(version) ?? [];
  return [Number(major), Number(minor), Number(patch), candidate === undefined ? 0 : Number(candidate) - 1_000];
}

export function compareVersions(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  const index = left.findIndex((part, at) => part !== right[at]);
  return index === -1 ? 0 : (left[index] ?? 0) - (right[index] ?? 0);
}

/** Whether a version has a fix that was made in several branches: its own branch's, or a later one than all. */
export function isFixed(version: string, fixedIn: readonly string[]): boolean {
  const branch = (text: string) => partsOf(text).slice(0, 2).join('.');
  const own = fixedIn.find((fixed) => branch(fixed) === branch(version));
  return compareVersions(version, own ?? [...fixedIn].sort(compareVersions).at(-1) ?? '0') >= 0;
}

/** Distributions put fixes into old versions and say so behind it, as in 1.1.5+ds1-1+deb12u1. */
export function isOfDistribution(version: string): boolean {
  return /[+~-](?:ds|dfsg|deb|\d*ubuntu|el\d|fc\d|alpine)/.test(version);
}
