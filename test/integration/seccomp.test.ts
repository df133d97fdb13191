import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { volumeNames } from '../../src/engine/docker/labels.ts';
import { SECCOMP_PROFILE } from '../../src/engine/docker/seccomp.ts';
import { type Api, apiOf } from '../support/api.ts';
import { optionsInForce, prints } from '../support/bare-container.ts';
import { docker } from '../support/docker.ts';
import { imageReference } from '../support/images.ts';
import { openServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let api: Api;

beforeAll(async () => {
  server = await openServer();
  api = await apiOf(server);
});
afterAll(() => server[Symbol.asyncDispose]());

/** Makes system calls by number (x86-64) and prints what the kernel says to each, one a line. */
const PROBE = `
import ctypes, errno, os, sys
libc = ctypes.CDLL(None, use_errno=True)
calls = {
    'io_uring_setup': (425, 1, 0), 'ptrace': (101, 0, 0, 0, 0), 'keyctl': (250, 0, -3, 0), 'userfaultfd': (323, 1), 'kcmp': (312, 1, 1, 0, 0, 0),
    'unshare user': (272, 0x10000000), 'unshare mount': (272, 0x10020000), 'clone user': (56, 0x10000000 | 17, 0, 0, 0, 0),
    'socket vsock': (41, 40, 1, 0), 'socket alg': (41, 38, 5, 0), 'socket audit': (41, 16, 3, 9), 'process_vm_readv': (310, 1, 0, 0, 0, 0, 0),
    'personality': (135, 0x40000), 'name_to_handle_at': (303, -100, b'/tmp', 0, 0, 0), 'pidfd_getfd': (438, -1, 0, 0), 'lookup_dcookie': (212, 0, 0, 0),
}
for name, (number, *args) in calls.items():
    ctypes.set_errno(0)
    answer = libc.syscall(number, *args)
    if name.startswith('clone') and answer == 0: os._exit(0)
    print(name, errno.errorcode.get(ctypes.get_errno(), 'done') if answer == -1 else 'done', flush=True)
`;

/** Asks for the flags of a file of its own, which it may (FS_IOC_GETFLAGS), and sets them by each of three calls, the second of which only a 32-bit program makes. */
const SET_FLAGS = `perl -e '
  use Errno qw(EPERM); open my $file, ">", "/workspace/own"; my $flags = pack "L7", (0) x 7;
  print syscall(16, fileno $file, 0x80086601, $flags) == 0 ? 1 : 0, ":";
  for my $call (0x40086602, 0x40046602, 0x401c5820) { for my $above (0, 1 << 32) {
    print syscall(16, fileno $file, $call | $above, $flags) < 0 && $!{EPERM} ? " held" : " let" } }
  print "\\n"'`;

/** The same program as the same user without a profile: what seccomp alone keeps away. */
async function unconfined(code: string): Promise<string[]> {
  const container = await docker.createContainer({
    Image: imageReference('python'),
    Entrypoint: [],
    Cmd: ['python3', '-c', code],
    User: '20001:20001',
    Tty: true,
    HostConfig: { NetworkMode: 'none', CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges:true', 'seccomp=unconfined'] },
  });
  try {
    await container.start();
    await container.wait();
    return linesOf((await container.logs({ stdout: true, stderr: true })).toString());
  } finally {
    await container.remove({ force: true });
  }
}

const linesOf = (text: string) => text.trim().split(/\r?\n/);

describe('the seccomp profile', () => {
  it('refuses what only debuggers, engines and exploits need, and would otherwise be let through', async () => {
    const { stdout, failure } = await api.run({ code: PROBE });
    expect(failure).toBeNull();
    const confined = linesOf(stdout);
    expect(confined.filter((line) => !line.endsWith(' EPERM'))).toEqual([]);
    const open = await unconfined(PROBE);
    expect(open).toHaveLength(confined.length);
    expect(open.filter((line) => line.endsWith(' EPERM')).length).toBeLessThan(confined.length / 3);
  });

  it('keeps a file in its project, by that rule alone: its flags are not set, in any form, whatever stands above the 32 bits of the call', async () => {
    const sandboxId = `test-${randomUUID()}`;
    const options = await optionsInForce(sandboxId);
    const profile = JSON.parse(SECCOMP_PROFILE);
    const anyIoctl = JSON.stringify({ ...profile, syscalls: [...profile.syscalls, { names: ['ioctl'], action: 'SCMP_ACT_ALLOW' }] });
    const without = { ...options, HostConfig: { ...options.HostConfig, SecurityOpt: ['no-new-privileges:true', `seccomp=${anyIoctl}`] } };
    try {
      expect(await prints(SET_FLAGS)(options)).toBe('1: held held held held held held\n');
      expect(await prints(SET_FLAGS)(without)).toMatch(/^1: let let/);
    } finally {
      for (const { name } of volumeNames(sandboxId)) await docker.getVolume(name).remove();
    }
  });

  const programs: [string, string, string][] = [
    [
      'threads and processes',
      'python',
      'import multiprocessing, threading\nif __name__ == "__main__":\n t = threading.Thread(target=print, args=("thread",)); t.start(); t.join()\n with multiprocessing.get_context("fork").Pool(2) as pool: print(sum(pool.map(abs, range(10))))',
    ],
    [
      'semaphores and shared memory',
      'python',
      'from multiprocessing import shared_memory, Semaphore\nm = shared_memory.SharedMemory(create=True, size=64); m.buf[0] = 7; print(m.buf[0], Semaphore(2).acquire()); m.close(); m.unlink()',
    ],
    [
      'scikit-learn on several jobs',
      'python',
      'from sklearn.ensemble import RandomForestClassifier\nprint(RandomForestClassifier(n_estimators=4, n_jobs=2).fit([[0], [1]], [0, 1]).predict([[1]])[0] in (0, 1))',
    ],
    ['a plot', 'python', 'import matplotlib.pyplot as plt, os\nplt.plot([1, 2]); plt.savefig("/tmp/a.png"); print(os.path.getsize("/tmp/a.png") > 1000)'],
    [
      'sockets on loopback',
      'python',
      'import asyncio\nasync def main():\n s = await asyncio.start_server(lambda r, w: (w.write(b"hi"), w.close()), "127.0.0.1", 0)\n r, w = await asyncio.open_connection(*s.sockets[0].getsockname()); print((await r.read()).decode())\nasyncio.run(main())',
    ],
    ['named pipes', 'bash', 'mkfifo p; echo through > p & cat p; rm p'],
    ['job control, find, tar, git', 'bash', 'set -m; sleep 0.1 & wait; tar c /etc/hostname 2>/dev/null | tar t; git init -q r && find r -name HEAD; rm -r r'],
    [
      'workers and children',
      'javascript',
      'const { Worker } = require("node:worker_threads"); new Worker("require(\\"node:worker_threads\\").parentPort.postMessage(1)", { eval: true }).on("message", (m) => console.log(m, require("node:child_process").execSync("echo child").toString()))',
    ],
    [
      'goroutines, timers and a server',
      'go',
      'package main\nimport ("fmt"; "net/http"; "net/http/httptest"; "io"; "os/exec")\nfunc main() { s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "hi") })); r, _ := http.Get(s.URL); b, _ := io.ReadAll(r.Body); o, _ := exec.Command("echo", "child").Output(); fmt.Print(string(b), string(o)) }',
    ],
  ];
  it.each(programs)('lets %s be (%s)', async (_what, language, code) => {
    const { status, stdout, stderr } = await api.run({ language, code });
    expect({ status, stderr }).toEqual({ status: 'completed', stderr: '' });
    expect(stdout).not.toBe('');
  });
});
