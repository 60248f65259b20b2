/** Runs items in batches. Items of one key run in the order given, several batches side by side. */
export interface KeyBatches<T> {
  /** Adds an item behind those of its key. */
  add(key: string, item: T): void;
  /** Resolves when nothing runs or waits. */
  idle(): Promise<void>;
}

/** How many batches may run side by side; several {@link KeyBatches} may share them. */
export interface Slots {
  readonly size: number;
  /** How many are free. */
  free: number;
  /** Called when one is free again. */
  readonly waiting: Set<() => void>;
}

/** Creates slots, all free. */
export function createSlots(size: number): Slots {
  return { size, free: size, waiting: new Set() };
}

/** How items are batched. */
export interface KeyBatchOptions<T> {
  /** The batches side by side. They have no key in common. */
  readonly slots: Slots;
  /** Largest number of items of a batch. */
  readonly maxBatch: number;
  /** Runs a batch and returns the items that it left, which come first in the next batch of their keys. Must not reject. */
  readonly run: (items: readonly T[]) => Promise<readonly T[]>;
}

interface Waiting<T> {
  readonly key: string;
  readonly item: T;
}

/** So few items are not divided between batches: a transaction for each would cost more than it gains. */
const UNDIVIDED = 8;

/**
 * Creates batches of the received items. An item waits for the end of the loop turn in which it arrived. Then it waits for a batch that has
 * its key, and for a free slot. It never waits for other items.
 */
export function createKeyBatches<T>({ slots, maxBatch, run }: KeyBatchOptions<T>): KeyBatches<T> {
  const busy = new Set<string>();
  let waiting: Waiting<T>[] = [];
  let running = 0;
  let scheduled = false;
  let idle = Promise.withResolvers<void>();
  idle.resolve();

  const readyOnes = () => waiting.filter(({ key }) => !busy.has(key));

  /**
   * Returns the size of a batch: all slots share the waiting items, so that a slow batch does not contain most of them while others are
   * free.
   */
  function share(): number {
    return Math.min(maxBatch, Math.max(UNDIVIDED, Math.ceil(readyOnes().length / slots.size)));
  }

  function take(size: number): Waiting<T>[] {
    const taken = readyOnes().slice(0, size);
    const gone = new Set(taken);
    waiting = waiting.filter((one) => !gone.has(one));
    for (const { key } of taken) busy.add(key);
    return taken;
  }

  function advance(): void {
    scheduled = false;
    slots.waiting.delete(advance);
    const size = slots.free > 0 ? share() : 0;
    while (slots.free > 0 && waiting.length > 0) {
      const batch = take(size);
      if (batch.length === 0) break;
      running += 1;
      slots.free -= 1;
      void fly(batch);
    }
    if (waiting.length > 0) slots.waiting.add(advance);
    else if (running === 0) idle.resolve();
  }

  async function fly(batch: readonly Waiting<T>[]): Promise<void> {
    const left = new Set(await run(batch.map(({ item }) => item)));
    waiting = [...batch.filter(({ item }) => left.has(item)), ...waiting];
    for (const { key } of batch) busy.delete(key);
    running -= 1;
    slots.free += 1;
    // Those that wait for longest come first.
    for (const other of [...slots.waiting]) if (slots.free > 0 && other !== advance) other();
    advance();
  }

  return {
    add(key, item) {
      if (running === 0 && waiting.length === 0) idle = Promise.withResolvers();
      waiting.push({ key, item });
      if (scheduled) return;
      scheduled = true;
      setImmediate(advance);
    },
    idle: () => idle.promise,
  };
}
