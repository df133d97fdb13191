import { describe, expect, it } from 'vitest';
import { type TenantLimits, UNLIMITED } from '../../../src/tenancy/limits.ts';
import { type Capacity, type Demand, type InUse, mayStart, mayWait, NOTHING_IN_USE } from '../../../src/tenancy/quota.ts';

interface Row {
  readonly title: string;
  readonly capacity?: Partial<Capacity>;
  readonly limits?: Partial<TenantLimits>;
  readonly inUse?: Partial<InUse>;
  readonly hasCompany?: boolean;
}

const capacity = (of: Partial<Capacity> = {}): Capacity => ({ maxRunning: 4, maxQueued: 9, running: 0, waiting: 0, ...of });
const tenant = ({ limits, inUse, hasCompany = false }: Row) => ({ hasCompany, limits: { ...UNLIMITED, ...limits }, inUse: { ...NOTHING_IN_USE, ...inUse } });

describe('a process', () => {
  const demand: Demand = { memoryBytes: 100, cpus: 0.5 };
  it.each<Row & { may: boolean }>([
    { title: 'may start where nothing runs', may: true },
    { title: 'may not where all containers are taken', capacity: { running: 4 }, may: false },
    { title: 'may not where more run than should', capacity: { running: 5 }, may: false },
    { title: 'may take the last container of a few', capacity: { running: 3 }, inUse: { running: 3 }, may: true },
    { title: 'may not take the last of eight when its tenant has one', capacity: { maxRunning: 8, running: 7 }, inUse: { running: 1 }, may: false },
    { title: 'may take the last of eight when its tenant has none', capacity: { maxRunning: 8, running: 7 }, may: true },
    { title: 'may take the last but one of eight', capacity: { maxRunning: 8, running: 6 }, inUse: { running: 6 }, may: true },
    { title: 'may take the half of its tenant beside others', capacity: { running: 1 }, inUse: { running: 1 }, hasCompany: true, may: true },
    { title: 'may not take more than that half', capacity: { running: 2 }, inUse: { running: 2 }, hasCompany: true, may: false },
    { title: 'may not when its tenant has more, from when it was alone', capacity: { running: 3 }, inUse: { running: 3 }, hasCompany: true, may: false },
    { title: 'may take the larger half of three', capacity: { maxRunning: 3, running: 1 }, inUse: { running: 1 }, hasCompany: true, may: true },
    { title: 'may take the only container beside others', capacity: { maxRunning: 1 }, hasCompany: true, may: true },
    { title: 'may not start beside as many as its tenant may run', limits: { processes: 2 }, inUse: { running: 2 }, may: false },
    { title: 'may start beside one less', limits: { processes: 2 }, inUse: { running: 1 }, may: true },
    { title: 'may fill its memory to the byte', limits: { memoryBytes: 200 }, inUse: { running: 1, memoryBytes: 100 }, may: true },
    { title: 'may not go one byte over', limits: { memoryBytes: 199 }, inUse: { running: 1, memoryBytes: 100 }, may: false },
    { title: 'may fill its CPUs', limits: { cpus: 1 }, inUse: { running: 1, cpus: 0.5 }, may: true },
    { title: 'may not go over its CPUs', limits: { cpus: 1 }, inUse: { running: 1, cpus: 0.6 }, may: false },
    { title: 'may start as the first, even if it needs more than its tenant may have', limits: { memoryBytes: 1, cpus: 0.1 }, may: true },
  ])('$title', (row) => {
    expect(mayStart(capacity(row.capacity), tenant(row), demand)).toBe(row.may);
  });
});

describe('a place in the queue', () => {
  it.each<Row & { answer: ReturnType<typeof mayWait> }>([
    { title: 'is there in an empty server', answer: 'yes' },
    { title: 'is there in the containers when the queue has none', capacity: { maxQueued: 0, waiting: 3 }, inUse: { waiting: 3 }, answer: 'yes' },
    { title: 'is gone when containers and queue are full', capacity: { waiting: 13 }, answer: 'server_full' },
    { title: 'is gone when what runs and waits fills both', capacity: { running: 4, waiting: 9 }, answer: 'server_full' },
    { title: 'is gone when more run than should', capacity: { running: 6, waiting: 9 }, answer: 'server_full' },
    { title: 'is the last', capacity: { running: 4, waiting: 8 }, inUse: { waiting: 8 }, answer: 'yes' },
    { title: 'of the last tenth is not for who waits', capacity: { maxQueued: 10, running: 4, waiting: 9 }, inUse: { waiting: 1 }, answer: 'server_full' },
    { title: 'of the last tenth is for who does not', capacity: { maxQueued: 10, running: 4, waiting: 9 }, answer: 'yes' },
    { title: 'is there up to what a tenant may run and have waiting', limits: { processes: 1, queued: 2 }, inUse: { waiting: 2 }, answer: 'yes' },
    { title: 'is not there beyond that', limits: { processes: 1, queued: 2 }, inUse: { waiting: 3 }, answer: 'tenant_full' },
    { title: 'is not there when one runs and two wait', limits: { processes: 1, queued: 2 }, inUse: { running: 1, waiting: 2 }, answer: 'tenant_full' },
    { title: 'is not there when more run than may, after a change', limits: { processes: 1, queued: 0 }, inUse: { running: 3 }, answer: 'tenant_full' },
    {
      title: 'is the server that says no when both would',
      capacity: { waiting: 13 },
      limits: { queued: 0, processes: 1 },
      inUse: { waiting: 1 },
      answer: 'server_full',
    },
  ])('$title', (row) => {
    expect(mayWait(capacity(row.capacity), tenant(row))).toBe(row.answer);
  });
});
