/** Memory that is read into again and again, so that a flood leaves nothing behind for the garbage collector. */
export interface Slots {
  /** Where the next bytes go; never empty. While `isFull` it may not be used yet. */
  room(): Uint8Array;
  /** So many bytes have come there. */
  fill(bytes: number): void;
  readonly isFull: boolean;
  /** Whether what `take` gives next grows no more. */
  readonly isNextWhole: boolean;
  /** What came next and was not taken yet, as far as it lies together; undefined when there is nothing. What was taken before may be overwritten from now on. */
  take(): Uint8Array | undefined;
}

interface Slot {
  readonly data: Buffer;
  filled: number;
  taken: number;
}

export interface SlotSizes {
  /** Bytes of the one that is filled before all others, and never again. Most programs print no more than it takes. */
  readonly first: number;
  /** How many others there are, at least 2, in a circle. */
  readonly count: number;
  /** Of each of those. */
  readonly bytes: number;
}

/** With less room than this a slot counts as full: small reads cost as much as large ones. */
const LEAST_ROOM = 16 * 1024;

/** Memory is taken when it is needed first: what is outside of V8's heap and lies there unused makes it collect garbage all the same. */
export function createSlots({ first, count, bytes }: SlotSizes): Slots {
  const opening = createSlot(first);
  const circle: Slot[] = [];
  const leastRoom = Math.min(LEAST_ROOM, first, bytes);
  let filling = 0;
  let taking = 0;
  let isFull = false;

  function at(index: number): Slot {
    if (index === 0) return opening;
    circle[(index - 1) % count] ??= createSlot(bytes);
    return circle[(index - 1) % count] as Slot;
  }

  function fillNext(): void {
    isFull = filling >= count && at(filling + 1).filled > 0;
    if (!isFull) filling += 1;
  }

  return {
    room: () => (isFull ? at(filling + 1).data : at(filling).data.subarray(at(filling).filled)),
    fill(size) {
      const slot = at(filling);
      slot.filled += size;
      if (slot.data.length - slot.filled < leastRoom) fillNext();
    },
    get isFull() {
      return isFull;
    },
    get isNextWhole() {
      const { filled, taken } = at(taking);
      return isFull || (filled > taken ? taking : taking + 1) < filling;
    },
    take() {
      const last = at(taking);
      if (last.taken === last.filled && taking !== filling) {
        Object.assign(last, { filled: 0, taken: 0 });
        taking += 1;
        if (isFull) fillNext();
      }
      const { data, filled, taken } = at(taking);
      at(taking).taken = filled;
      return filled > taken ? data.subarray(taken, filled) : undefined;
    },
  };
}

function createSlot(bytes: number): Slot {
  return { data: Buffer.allocUnsafeSlow(bytes), filled: 0, taken: 0 };
}
