const SMALLEST = 2_048;
const LARGEST = 2 ** 20;
/** The most bytes that wait in the pool for the next user. */
const MAX_POOLED = 16 * 2 ** 20;

/** Free buffers by size: powers of two from 2 KiB to 1 MiB. */
const free = new Map<number, Buffer[]>();
let pooled = 0;

/** Returns a buffer of at least `size` bytes, with any content. */
export function takeBuffer(size: number): Buffer {
  if (size > LARGEST) return Buffer.allocUnsafeSlow(size);
  const length = size <= SMALLEST ? SMALLEST : 2 ** Math.ceil(Math.log2(size));
  const buffer = free.get(length)?.pop();
  if (buffer === undefined) return Buffer.allocUnsafeSlow(length);
  pooled -= length;
  return buffer;
}

/** Takes back a buffer of {@link takeBuffer}, which the caller no longer reads or writes. */
export function giveBuffer(buffer: Buffer): void {
  const { length } = buffer;
  if (length > LARGEST || pooled + length > MAX_POOLED) return;
  pooled += length;
  const same = free.get(length);
  if (same === undefined) free.set(length, [buffer]);
  else same.push(buffer);
}
