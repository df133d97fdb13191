import type { z } from 'zod';
import type { killBody, killManyReply, killReply } from '../http/schemas/control.ts';
import type { backgroundBody, backgroundReply } from '../http/schemas/execute.ts';
import type { outputQuery, outputReply } from '../http/schemas/output.ts';
import type { listQuery, listReply, processSchema, removeReply } from '../http/schemas/processes.ts';
import type { healthReply, languagesReply } from '../http/schemas/server.ts';
import type { stdinBody } from '../http/schemas/source.ts';

/** What goes over the wire, as the server's own schemas have it. Times are ISO 8601, durations seconds unless the name says otherwise. */
export type ProcessRequest = z.input<typeof backgroundBody>;
export type AcceptedProcess = z.output<typeof backgroundReply>;
export type Process = z.output<typeof processSchema>;
export type ProcessStatus = Process['status'];
export type ListQuery = Partial<z.output<typeof listQuery>>;
export type ProcessList = z.output<typeof listReply>;
/** Without the fields of the output where none was asked for. */
export type ListedProcess = ProcessList['processes'][number];
export type StdinRequest = z.input<typeof stdinBody>;
/** `stream` is stdout when not given. */
export type StretchQuery = Partial<Omit<z.output<typeof outputQuery>, 'encoding'>>;
export type Stretch = Omit<z.output<typeof outputReply>, 'data'> & { readonly data: Uint8Array };
export type KillReply = z.output<typeof killReply>;
export type RemoveReply = z.output<typeof removeReply>;
export type Health = z.output<typeof healthReply>;
export type Languages = z.output<typeof languagesReply>;
/** With or without SIG before it; STOP and CONT only for `signal`. */
export type SignalName = 'INT' | 'TERM' | 'KILL' | 'HUP' | 'USR1' | 'USR2' | 'STOP' | 'CONT' | `SIG${string}`;
/** `signal` is what it is asked to end with (TERM), and after `grace_seconds` (2) it is ended with KILL. */
export type KillHow = Partial<Pick<NonNullable<z.input<typeof killBody>>, 'signal' | 'grace_seconds'>>;
/** All of a name, or all of the sandbox, that have not ended. */
export type KillSelection = { readonly name: string } | { readonly all: true };
export type KillManyReply = z.output<typeof killManyReply>;
