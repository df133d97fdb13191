import type { z } from 'zod';
import type { killReply } from '../http/schemas/control.ts';
import type { backgroundBody, backgroundReply } from '../http/schemas/execute.ts';
import type { outputQuery, outputReply } from '../http/schemas/output.ts';
import type { listQuery, listReply, processSchema, removeReply } from '../http/schemas/processes.ts';
import type { healthReply, languagesReply } from '../http/schemas/server.ts';

/** What goes over the wire, as the server's own schemas have it. Times are ISO 8601, durations seconds unless the name says otherwise. */
export type ProcessRequest = z.input<typeof backgroundBody>;
export type AcceptedProcess = z.output<typeof backgroundReply>;
export type Process = z.output<typeof processSchema>;
export type ProcessStatus = Process['status'];
export type ListQuery = Partial<z.output<typeof listQuery>>;
export type ProcessList = z.output<typeof listReply>;
/** Without the fields of the output where none was asked for. */
export type ListedProcess = ProcessList['processes'][number];
/** `stream` is stdout when not given. */
export type StretchQuery = Partial<Omit<z.output<typeof outputQuery>, 'encoding'>>;
export type Stretch = Omit<z.output<typeof outputReply>, 'data'> & { readonly data: Uint8Array };
export type KillReply = z.output<typeof killReply>;
export type RemoveReply = z.output<typeof removeReply>;
export type Health = z.output<typeof healthReply>;
export type Languages = z.output<typeof languagesReply>;
