import type { FastifyInstance, InjectOptions } from 'fastify';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { newId } from '../../../src/ids.ts';
import { UNLIMITED } from '../../../src/tenancy/limits.ts';
import { type OpenApiDocument, type Operation, operationsOf } from '../../fuzz/document.ts';
import { appOf, injectorOf, JWT_SECRET } from '../../support/app.ts';
import { createPlace, startServer, untilOver, untilStatus } from '../../support/place.ts';
import { newRecord, SOURCE } from '../../support/records.ts';

const SECRET = 'a-secret-of-acme';

/** A tenant with one of everything: a process that runs, one that waits, one that has ended, a sandbox, an environment, an idempotency key. */
async function open() {
  const steps: string[] = [];
  const bare = await createPlace(() => ({ onJob: ({ env }) => (env['RUNS'] ? { ends: 'never' } : { steps: [{ print: SECRET }] }) }));
  const { store, sandboxes, outputs, webhooks, engine } = bare;
  const place = {
    ...bare,
    store: noted('store', store, steps),
    sandboxes: noted('sandboxes', sandboxes, steps),
    outputs: noted('outputs', outputs, steps),
    webhooks: noted('webhooks', webhooks, steps),
    engine: noted('engine', engine, steps),
  };
  const server = startServer(place, { maxRunning: 1 });
  const app = await appOf(place, server);
  const [acme, globex] = [await injectorOf(app, 'acme'), await injectorOf(app, 'globex')];
  const submit = async (body: object) =>
    String((await acme('POST', '/execute/background', { language: 'bash', code: SECRET, name: SECRET, ...body })).body['process_id']);
  const ended = await submit({});
  await untilOver(place, { id: ended });
  const running = await submit({ env: { RUNS: '1' } });
  await untilStatus(place, { id: running }, 'running');
  const queued = await submit({});
  await acme('PUT', '/env', { env_vars: { KEY: SECRET } });
  const sandbox = String((await acme('POST', '/v1/sandboxes', { template_name: 'base' })).body['id']);
  return {
    place,
    server,
    app,
    acme,
    globex,
    ids: { processes: [ended, running, queued], sandboxes: [sandbox] },
    /** What is asked of the store, the disk and the engine meanwhile, in its order. */
    async stepsOf(work: () => Promise<unknown>): Promise<string[]> {
      steps.length = 0;
      await work();
      return [...steps];
    },
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

/** A tenant that has nothing, beside one that has so many processes that have ended, and a sandbox. */
async function openBeside(count: number) {
  const place = await createPlace(() => ({ steps: [{ print: SECRET }] }));
  const limits = { ...UNLIMITED, requestsPerMinute: 1_000, processes: 10, queued: 10, sandboxes: 5 };
  const app = await appOf(place, startServer(place, { limitsOf: () => limits }));
  const [acme, globex] = [await injectorOf(app, 'acme'), await injectorOf(app, 'globex')];
  for (let n = 0; n < count; n++) await place.store.insert(newRecord({ name: SECRET, status: 'completed', exitCode: 0, startedAt: 1, endedAt: 2 }), SOURCE);
  if (count > 0) await acme('POST', '/v1/sandboxes', { template_name: 'base' });
  for (let n = 0; n < count / 10; n++) await acme('GET', '/execute/processes');
  return { app, globex, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
}

type Kind = 'processes' | 'sandboxes';

const operationsIn = (app: FastifyInstance) => operationsOf(app.swagger() as unknown as OpenApiDocument);

/** The operations of the document that name something of a tenant in their path, query or body. */
function namingOperations(app: FastifyInstance): readonly { operation: Operation; kind: Kind }[] {
  return operationsIn(app).flatMap((operation): { operation: Operation; kind: Kind }[] => {
    const names = operation.parameters.map(({ name }) => name);
    if (names.includes('process_id')) return [{ operation, kind: 'processes' }];
    return operation.path.startsWith('/v1/sandboxes/{id}') ? [{ operation, kind: 'sandboxes' }] : [];
  });
}

/** Streams and waits are asked not to wait; bodies are what their routes want, so that it is the id that decides. */
function requestFor({ method, path, parameters }: Operation, id: string): { method: 'GET'; url: string; body: object | undefined } {
  const inPath = parameters.some((parameter) => parameter.in === 'path');
  const url = inPath ? path.replace(/\{\w+\}/, id) : `${path}?process_id=${id}`;
  const body = method === 'GET' || method === 'DELETE' ? undefined : { timeout_seconds: 60, data: '', signal: 'SIGTERM', eof: true };
  const query = { wait: '?timeout=1', artifacts: '?path=x' }[path.split('/').at(-1) ?? ''] ?? '';
  return { method: method as 'GET', url: url + query, body };
}

/** All of an answer that may tell one thing from another. */
function told({ status, headers, body }: Awaited<ReturnType<Awaited<ReturnType<typeof injectorOf>>>>, id: string) {
  const { 'x-request-id': _id, date: _date, 'content-length': _length, ...rest } = headers;
  const text = JSON.stringify({ status, rest, body }).replaceAll(id, '<id>');
  return (
    text
      .replaceAll(/"uptime(?:_seconds)?":[\d.]+/g, '')
      // Of the machine: /system tells them to everybody.
      .replaceAll(/"(?:cpu|memory|disk)":\{[^}]*\}/g, '')
      .replaceAll(/"x-ratelimit-reset":"?\d+"?/g, '')
      .replaceAll(/req_[\w-]{22}/g, '<request>')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
  );
}

/** Parameters of a path that name nothing that another tenant could have: a variable of the caller's own sandbox, a name that all have. */
const OWN_PARAMETERS = ['DELETE /env/{key}', 'GET /v1/templates/{name}'];

describe("what is another tenant's", () => {
  it('is asked for by every call that can name it, also those that are yet to come', async () => {
    await using opened = await open();
    const nameOf = ({ method, path }: Operation) => `${method} ${path}`;
    const named = namingOperations(opened.app).map(({ operation }) => nameOf(operation));
    const withParameters = operationsIn(opened.app).filter(({ path }) => path.includes('{'));
    expect([...named, ...OWN_PARAMETERS].toSorted()).toEqual(expect.arrayContaining(withParameters.map(nameOf)));
  });

  it('is answered as what never was, by every call that names something', async () => {
    await using opened = await open();
    const operations = namingOperations(opened.app);
    expect(operations.length).toBeGreaterThanOrEqual(12);
    for (const { operation, kind } of operations) {
      for (const id of opened.ids[kind]) {
        const made = newId(kind === 'processes' ? 'proc' : 'sbx');
        const [theirs, nobodys] = [requestFor(operation, id), requestFor(operation, made)];
        const answer = await opened.globex(theirs.method, theirs.url, theirs.body);
        const expected = await opened.globex(nobodys.method, nobodys.url, nobodys.body);
        expect(`${operation.method} ${operation.path}: ${told(answer, id)}`).toBe(`${operation.method} ${operation.path}: ${told(expected, made)}`);
        expect(answer.status).toBe(404);
      }
    }
    for (const id of opened.ids.processes) expect((await opened.acme('GET', `/execute/processes/${id}`)).status).toBe(200);
    expect((await opened.acme('GET', `/v1/sandboxes/${opened.ids.sandboxes[0]}`)).status).toBe(200);
    expect((await opened.acme('GET', `/execute/processes/${opened.ids.processes[1]}`)).body).toMatchObject({ status: 'running' });
  });

  it('shows in no list, count, name, quota, environment or header', async () => {
    await using opened = await open();
    const fresh = await injectorOf(opened.app, 'initech');
    const gets = operationsIn(opened.app).filter(({ method, path }) => method === 'GET' && !path.includes('{') && !path.endsWith('/events'));
    for (const { path } of gets) {
      for (const query of ['', `?name=${SECRET}`, '?status=running', '?limit=1000', '?cursor=2']) {
        const answer = await opened.globex('GET', path + query);
        expect(told(answer, 'globex').replaceAll('globex', '<me>')).toBe(told(await fresh('GET', path + query), 'initech').replaceAll('initech', '<me>'));
        for (const word of [SECRET, 'acme', ...opened.ids.processes, ...opened.ids.sandboxes]) expect(JSON.stringify(answer)).not.toContain(word);
      }
    }
  });

  it('changes no answer, count or header, however much there is of it', async () => {
    await using without = await openBeside(0);
    await using beside = await openBeside(500);
    const gets = operationsIn(beside.app).filter(({ method, path }) => method === 'GET' && !path.includes('{') && !path.endsWith('/events'));
    expect(gets.length).toBeGreaterThan(10);
    for (const { path } of [...gets, { path: '/execute/processes?limit=1' }, { path: '/quota?again' }]) {
      const asked = `GET ${path}: `;
      expect(asked + told(await beside.globex('GET', path), 'globex')).toBe(asked + told(await without.globex('GET', path), 'globex'));
    }
  });

  it('does not collide: the same idempotency key, name and sandbox are its own in each tenant', async () => {
    await using opened = await open();
    const send = async (tenant: string, code: string) => {
      const token = await new SignJWT({ tenant }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('1h').sign(new TextEncoder().encode(JWT_SECRET));
      const options: InjectOptions = { method: 'POST', url: '/execute/background', payload: { code, language: 'bash', name: 'same' } };
      return opened.app.inject({ ...options, headers: { authorization: `Bearer ${token}`, 'idempotency-key': 'same' } });
    };
    const [acme, globex] = [await send('acme', 'echo 1'), await send('globex', 'echo 2')];
    expect([acme.statusCode, globex.statusCode]).toEqual([200, 200]);
    expect(globex.headers).not.toHaveProperty('idempotent-replayed');
    expect(globex.json().process_id).not.toBe(acme.json().process_id);
  });

  it("cannot be reached by a token of one's own that names the other's sandbox", async () => {
    await using opened = await open();
    const [theirs] = opened.ids.sandboxes;
    const made = newId('sbx');
    const [intruder, lost] = [await injectorOf(opened.app, 'globex', theirs), await injectorOf(opened.app, 'globex', made)];
    for (const path of ['/env', '/execute/processes']) expect(told(await intruder('GET', path), String(theirs))).toBe(told(await lost('GET', path), made));
    expect((await intruder('GET', '/env')).status).toBe(410);
  });

  it('cannot be killed by its name, nor with all of the other tenant', async () => {
    await using opened = await open();
    const kill = (body: object) => opened.globex('DELETE', '/execute/kill', body);
    expect(told(await kill({ name: SECRET }), SECRET)).toBe(told(await kill({ name: 'never-was' }), 'never-was'));
    await kill({ all: true });
    expect((await opened.acme('GET', `/execute/processes/${opened.ids.processes[1]}`)).body).toMatchObject({ status: 'running' });
  });

  it('is denied by the same steps as what never was, so that time tells nothing', async () => {
    await using opened = await open();
    for (const { operation, kind } of namingOperations(opened.app)) {
      for (const id of opened.ids[kind]) {
        const made = newId(kind === 'processes' ? 'proc' : 'sbx');
        const [theirs, nobodys] = [requestFor(operation, id), requestFor(operation, made)];
        const steps = await opened.stepsOf(() => opened.globex(theirs.method, theirs.url, theirs.body));
        expect(steps.length).toBeGreaterThan(0);
        expect([operation.path, steps]).toEqual([operation.path, await opened.stepsOf(() => opened.globex(nobodys.method, nobodys.url, nobodys.body))]);
      }
    }
  });
});

/** The same object, whose calls are noted by name. */
function noted<T extends object>(name: string, target: T, steps: string[]): T {
  return new Proxy(target, {
    get(of, key, self) {
      const value = Reflect.get(of, key, self);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        steps.push(`${name}.${String(key)}`);
        return value.apply(of, args);
      };
    },
  });
}
