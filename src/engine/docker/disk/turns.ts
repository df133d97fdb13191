/** Lets works of one key run one after another, in the order in which they came; a failed one keeps none from running. */
export function createTurns(): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return (key, work) => {
    const mine = (last.get(key) ?? Promise.resolve()).then(work, work);
    const settled = mine.catch(() => undefined).then(() => void (last.get(key) === settled && last.delete(key)));
    last.set(key, settled);
    return mine;
  };
}
