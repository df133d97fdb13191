import { mkdirSync } from 'node:fs';
import { diagnoseAll } from '../compose/doctor.ts';
import { readConfig } from '../config.ts';
import { dangers, type Finding } from '../doctor/finding.ts';
import { defineCommand } from './command.ts';

const SIGNS = { good: '✓', advice: '•', dangerous: '✗' } as const;

export const command = defineCommand({
  synopsis: '[--json]',
  description:
    'Looks at the container engine as the server would, and into a container there: what was found, why it matters, what to do.\nExits with 1 when something is dangerous; the server does not start then.',
  options: { json: { type: 'boolean', help: 'print the findings as JSON' } },
  examples: ['coracle doctor', 'CORACLE_RUNTIME=runsc coracle doctor --json'],
  mostArguments: 0,
  async run({ values: { json = false } }) {
    const config = readConfig(process.env);
    mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
    const findings = await diagnoseAll(config);
    process.stdout.write(json ? `${JSON.stringify({ findings }, undefined, 2)}\n` : inWords(findings));
    return dangers(findings).length > 0 ? 1 : 0;
  },
});

function inWords(findings: readonly Finding[]): string {
  const lines = findings.flatMap(({ level, what, why, remedy }) => [
    `${SIGNS[level]} ${what}`,
    ...(why ? [`    ${why}`] : []),
    ...(remedy ? [`    → ${remedy}`] : []),
  ]);
  const count = (level: Finding['level']) => findings.filter((finding) => finding.level === level).length;
  return `${lines.join('\n')}\n\n${count('good')} good, ${count('advice')} to consider, ${count('dangerous')} dangerous\n`;
}
