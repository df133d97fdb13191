import type { AbuseCase } from '../case.ts';
import { DISK } from './disk.ts';
import { EGRESS } from './egress.ts';
import { ESCAPE } from './escape.ts';
import { INFRASTRUCTURE } from './infrastructure.ts';
import { LIFETIME } from './lifetime.ts';
import { OUTPUT } from './output.ts';
import { RESOURCES } from './resources.ts';

export const ALL_CASES: readonly AbuseCase[] = [...RESOURCES, ...DISK, ...OUTPUT, ...LIFETIME, ...ESCAPE, ...EGRESS, ...INFRASTRUCTURE];
