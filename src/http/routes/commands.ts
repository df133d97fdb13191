import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { Execute } from '../../execution/execute.ts';
import type { Submission, Submit } from '../../execution/submit.ts';
import type { LanguageRegistry } from '../../languages/registry.ts';
import type { OutputStore } from '../../output/output-store.ts';
import { presentEnded, presentExecuted } from '../present-ended.ts';
import { backgroundHeaders, backgroundReply } from '../schemas/execute.ts';
import { backgroundCommandBody, type CommandBody, commandBody, commandReply } from '../schemas/run.ts';
import { acceptanceErrors, DEFAULT_WORKING_DIR, presentAccepted } from './background.ts';
import { waiterOf } from './execute.ts';

export interface CommandRoutesDependencies {
  readonly execute: Execute;
  readonly submit: Submit;
  readonly outputs: OutputStore;
  readonly languages: LanguageRegistry;
}

export function commandRoutes({ execute, submit, outputs, languages }: CommandRoutesDependencies): FastifyPluginAsyncZod {
  return async (app) => {
    app.post('/commands/run', { schema: runSchema, config }, async ({ id: requestId, scope, body, headers }, reply) => {
      const submission = { ...toSubmission(body, languages.ofCommands), requestId };
      const executed = await execute(scope, submission, waiterOf(reply, headers['idempotency-key']));
      const ended = await presentExecuted(executed, reply.log, (record) => presentEnded(outputs, record));
      return { ...ended, command: body.command, pid: null };
    });

    app.post('/commands/background', { schema: backgroundSchema, config }, async ({ id: requestId, scope, body, headers }, reply) => {
      const submission = { ...toSubmission(body, languages.ofCommands), requestId, name: body.name || null };
      const acceptance = await submit(scope, submission, headers['idempotency-key']);
      if (acceptance.isRepeat) reply.header('Idempotent-Replayed', 'true');
      return presentAccepted(acceptance);
    });
  };
}

const config = { scope: 'processes:write' } as const;

/** With arguments the command is a program, without it is for the shell. */
function toSubmission({ command, args, timeout, working_dir, workdir, env }: CommandBody, language: string): Submission {
  return {
    code: '',
    command: args ? [command, ...args] : ['/bin/sh', '-c', command],
    language,
    name: null,
    timeoutSeconds: timeout,
    workingDir: working_dir ?? workdir ?? DEFAULT_WORKING_DIR,
    env: env ?? {},
    outputLimit: null,
    onOutputLimit: null,
  };
}

const shared = { tags: ['commands'], headers: backgroundHeaders };

const runSchema = {
  ...shared,
  summary: 'Run a command and answer when it has ended',
  description: 'With args the program is started directly, without them sh -c gets the command. Whatever its exit code, the answer is 200.',
  body: commandBody,
  response: { 200: commandReply, ...acceptanceErrors },
};

const backgroundSchema = {
  ...shared,
  summary: 'Run a command in the background',
  description: 'As /execute/background: listed and killed like any process.',
  body: backgroundCommandBody,
  response: { 200: backgroundReply, ...acceptanceErrors },
};
