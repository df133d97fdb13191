import { expect, test } from 'vitest';
import type { OpenApiDocument } from '../../fuzz/document.ts';
import { operationsOf } from '../../fuzz/document.ts';
import { createJudge, type FuzzAnswer } from '../../fuzz/judge.ts';

const reply = { type: 'object', properties: { id: { $ref: '#/components/schemas/Id' } }, required: ['id'] } as const;
const document: OpenApiDocument = {
  paths: { '/things/{id}': { get: { responses: { 200: { content: { 'application/json': { schema: reply } } }, 404: {} } } } },
  components: { schemas: { Id: { type: 'string' } } },
};
const [operation] = operationsOf(document);
const judge = createJudge(document);

const json = { 'content-type': 'application/json', 'x-request-id': 'req_1' };
const error = { error: 'e', code: 'C', message: 'm', details: {}, request_id: 'req_1', timestamp: new Date().toISOString() };

function judged(answer: Partial<FuzzAnswer> & { json?: object }, { method = 'GET', path = '/things/1' } = {}): string | undefined {
  if (!operation) throw new Error('no operation');
  const whole: FuzzAnswer = { status: 200, headers: json, body: answer.json ? JSON.stringify(answer.json) : '', ...answer };
  return judge({ operation, method, path, headers: {}, body: undefined }, whole);
}

test.each([
  ['what the document says', { json: { id: 'a', more: 1 } }],
  ['an error', { status: 404, json: error }],
  ['a refusal that any call can get', { status: 401, json: error }],
  ['a refusal with a time to come back', { status: 429, json: error, headers: { ...json, 'retry-after': '5' } }],
])('%s is right', (_title, answer) => {
  expect(judged(answer)).toBeUndefined();
});

test.each([
  ['a failure', { status: 500, json: error }, /answered 500/],
  ['a failure that is well put', { status: 503, json: error }, /answered 503/],
  ['an answer without what it must have', { json: {} }, /not as the document says/],
  ['an answer with another type, behind a reference', { json: { id: 1 } }, /not as the document says/],
  ['an answer that is no JSON', { body: '{"id":' }, /not as the document says/],
  ['a success that the document does not know', { status: 202, json: {} }, /202, which/],
  ['an error that the document does not know', { status: 418, json: error }, /418, which/],
  ['an error of another shape', { status: 404, json: { error: 'e' } }, /another shape/],
  ['an error that is no JSON', { status: 404, body: '<html>' }, /another shape/],
  ['an error with another id than its header', { status: 404, json: { ...error, request_id: 'req_2' } }, /another request id/],
  ['a refusal without a time to come back', { status: 429, json: error }, /Retry-After/],
  ['an error that tells of files', { status: 400, json: { ...error, message: 'ENOENT: /src/x' } }, /inside/],
])('%s is found', (_title, answer, words) => {
  expect(judged(answer)).toMatch(words);
});

test('the control plane has errors of its own', () => {
  expect(judged({ status: 404, json: error }, { path: '/v1/things' })).toMatch(/another shape/);
});
