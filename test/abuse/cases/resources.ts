import assert from 'node:assert/strict';
import { ALL_HELD, type Attack, attack, heldBut, OUT_OF_MEMORY, TIMED_OUT } from '../attack.ts';
import type { AbuseCase } from '../case.ts';

type Row = Omit<Attack, 'group'>;

const ROWS: readonly Row[] = [
  {
    name: 'fork bomb that ignores EAGAIN and SIGTERM',
    isInCi: true,
    program: 'fork-bomb.py',
    timeout: 3,
    answers: { ...TIMED_OUT, stdout: 'begun\n' },
    // It did get to the limit, so that was what held it.
    afterwards: ({ seen, stage }) => assert.ok(stage.runtime === 'runsc' || (seen?.peakTasks ?? 0) > stage.limits.pids / 2, `${seen?.peakTasks} tasks`),
    gvisorAnswers: { status: 'failed' },
    underGvisor: "the sandbox's own threads are what is limited: when it gets no more of them it ends with everything in it",
  },
  { name: 'fork bomb of a shell', program: 'fork-bomb.sh', timeout: 3, answers: { ...TIMED_OUT, stdout: 'begun\n' }, gvisorAnswers: { status: 'failed' } },
  {
    name: 'thread bomb',
    program: 'thread-bomb.py',
    timeout: 4,
    answers: { ...TIMED_OUT, stdout: /^held after \d+ threads/ },
    gvisorAnswers: { status: 'failed' },
  },
  { name: 'worker threads with a heap each', program: 'workers.js', timeout: 5, answers: { status: 'failed' } },
  { name: 'memory hog', isInCi: true, program: 'memory-hog.py', answers: { ...OUT_OF_MEMORY, stdout: 'begun\n' } },
  { name: 'memory hog outside the heap', program: 'buffers.js', answers: { ...OUT_OF_MEMORY, stdout: 'begun\n' } },
  {
    name: 'memory hog in a child',
    program: 'memory-hog-child.py',
    answers: { status: 'completed', stdout: 'held: the child died of signal 9\n' },
    gvisorAnswers: OUT_OF_MEMORY,
    underGvisor: "the kernel ends the whole sandbox, of which the child is a part, so it is out of memory and not the parent's to handle",
  },
  { name: 'bytearray of a tebibyte', program: 'terabyte.py', answers: { ...ALL_HELD }, gvisorAnswers: {} },
  { name: 'touching 64 GiB page by page', program: 'touch-terabyte.py', answers: OUT_OF_MEMORY },
  { name: 'memory in a file without a name', program: 'memfd.py', answers: { status: 'failed', stdout: 'begun\n' } },
  { name: 'System V shared memory', program: 'sysv-shm.py', answers: { status: 'failed' } },
  {
    name: 'filling /tmp/coracle',
    isInCi: true,
    program: 'fill.py',
    env: { FOLDERS: '/tmp/coracle', MOST_MB: '200' },
    answers: { status: 'completed', stdout: /^held: \/tmp\/coracle ENOSPC after (\d|[1-5]\d|6[0-4]) MiB\n$/ },
  },
  {
    name: 'filling /dev/shm',
    program: 'fill.py',
    env: { FOLDERS: '/dev/shm', MOST_MB: '200' },
    answers: { status: 'completed', stdout: /^held: \/dev\/shm ENOSPC after 6\d MiB\n$/ },
  },
  { name: 'filling /tmp/coracle and /dev/shm together', program: 'fill.py', env: { FOLDERS: '/tmp/coracle /dev/shm', MOST_MB: '200' }, answers: ALL_HELD },
  {
    name: 'a million empty files in /tmp/coracle',
    program: 'empty-files.py',
    env: { FOLDER: '/tmp/coracle' },
    timeout: 60,
    answers: { status: 'completed', stdout: /^held: ENOSPC after 6\d{4} files\n$/ },
    gvisorAnswers: OUT_OF_MEMORY,
    underGvisor: 'its tmpfs counts no inodes; files take memory, and that ends',
  },
  { name: '20,000 nested directories in /tmp', program: 'nested-folders.py', env: { FOLDER: '/tmp' }, answers: { status: 'completed', stdout: /made \d+\n$/ } },
  {
    name: '20,000 nested directories in /workspace',
    program: 'nested-folders.py',
    env: { FOLDER: '/workspace' },
    answers: { status: 'completed', stdout: /made \d+\n$/ },
  },
  { name: 'file-descriptor bomb', program: 'descriptors.py', answers: { status: 'completed', stdout: /^held: EMFILE after 1?\d{3}\n$/ } },
  {
    name: 'full pipes',
    program: 'pipes.py',
    answers: { status: 'completed', stdout: /^held: EMFILE/ },
    gvisorAnswers: OUT_OF_MEMORY,
    underGvisor: "their buffers are the sandbox's memory, and that ends",
  },
  { name: 'inotify instances', program: 'inotify.py', answers: ALL_HELD },
  { name: 'socket bomb', program: 'sockets.py', answers: { status: 'completed', stdout: /^held: EMFILE/ } },
  {
    name: 'message queues',
    program: 'message-queues.py',
    answers: ALL_HELD,
    gvisorAnswers: heldBut('a queue'),
    underGvisor: "they are the sandbox's own, in its memory",
  },
  { name: 'locking memory', program: 'lock-memory.py', answers: ALL_HELD },
  { name: 'four busy loops', isInCi: true, program: 'busy-loops.py', timeout: 4, answers: { ...TIMED_OUT, stdout: /^[begun\n]+$/ } },
  {
    name: 'nice and real-time scheduling',
    program: 'priority.py',
    answers: ALL_HELD,
    gvisorAnswers: heldBut('nice -20', 'nice of PID 1'),
    underGvisor: "the sandbox's kernel takes any niceness and schedules by none; its threads on the host keep theirs",
  },
  {
    name: 'raising ulimits',
    program: 'raise-limits.py',
    answers: ALL_HELD,
  },
  {
    name: 'lowering oom_score_adj',
    program: 'oom-score.sh',
    answers: ALL_HELD,
    gvisorAnswers: heldBut('oom_score_adj 0', 'oom_score_adj lowered'),
    underGvisor: "it is a number of the sandbox's kernel only; on the host the sandbox keeps 1000",
  },
  { name: 'a sparse file of a tebibyte in /tmp', program: 'sparse.py', env: { FOLDER: '/tmp' }, answers: ALL_HELD },
  { name: 'a sparse file of a tebibyte in /workspace', program: 'sparse.py', env: { FOLDER: '/workspace' }, answers: ALL_HELD },
  { name: 'a core dump', program: 'core-dump.py', answers: ALL_HELD },
];

export const RESOURCES: readonly AbuseCase[] = ROWS.map((row) => attack({ group: 'resources', ...row }));
