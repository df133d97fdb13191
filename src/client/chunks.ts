/** What comes in a body, as it comes; lets go of it when its reader leaves. Not every browser's streams can be iterated over themselves. */
export async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    // Of one that has ended or broken there is nothing to let go of.
    await reader.cancel().catch(() => undefined);
  }
}
