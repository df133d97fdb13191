import type { OutputSlice, OutputStore, OutputStream } from './output-store.ts';

/** The last bytes of a stream that lie together: when less was written than would be shown, a read from there stops where the dropped bytes begin. */
export async function readEnd(outputs: OutputStore, id: string, { stream, limit }: { stream: OutputStream; limit: number }): Promise<OutputSlice> {
  const slice = await outputs.read(id, { stream, offset: -limit, limit });
  const stoppedAtGap = slice.data.length < limit && slice.nextOffset < slice.totalBytes;
  return stoppedAtGap ? outputs.read(id, { stream, offset: slice.nextOffset, limit }) : slice;
}
