import { defineConfig } from 'vitest/config';

/** Suites with the real engine take turns: two at once would slow each other on a small machine. */
const suite = (name: string, testTimeout: number) => ({
  extends: true as const,
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: 120_000, fileParallelism: name === 'unit' },
});

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    projects: [suite('unit', 10_000), suite('contract', 60_000), suite('integration', 120_000), suite('e2e', 180_000)],
  },
});
