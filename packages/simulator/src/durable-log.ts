import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { lockFile } from "./file-lock.ts";

/** An append-only file of JSON lines. Records that `flush` has confirmed survive a power cut. */
export interface DurableLog {
  /** Queues a record behind the ones before it. It is durable once a later `flush` resolves. */
  append(record: object): void;
  /** Resolves when everything appended so far is on disk. Concurrent callers share one fsync. */
  flush(): Promise<void>;
  /** The durable part of the file, whole lines only. */
  read(): Readable;
  /** Writes the appended records and closes the file. */
  close(): Promise<void>;
}

/**
 * Opens or creates the log and calls `replay` with each stored record, oldest first.
 *
 * The log belongs to one process at a time: a second one that opens it throws, since each would miss what the other appends.
 * A last line without its line feed was never confirmed and is cut off; any other unreadable line throws.
 * A write that fails ends the process: otherwise memory would be ahead of the disk.
 */
export async function openDurableLog(path: string, replay: (record: unknown) => void): Promise<DurableLog> {
  await mkdir(dirname(path), { recursive: true });
  const lock = lockFile(path);
  const file = await open(path, "a+");
  let size = await replayLines(file, replay);
  await file.truncate(size);
  await file.datasync();
  await syncFolder(dirname(path));

  let pending = "";
  let current: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  async function writeBatch(): Promise<void> {
    const batch = Buffer.from(pending);
    current = next ?? current;
    next = undefined;
    pending = "";
    await file.appendFile(batch);
    await file.datasync();
    size += batch.length;
  }

  return {
    append(record) {
      pending += `${JSON.stringify(record)}\n`;
      if (next) return;
      next = current.then(writeBatch);
      next.catch(crash);
    },
    flush: () => next ?? current,
    read: () => (size === 0 ? Readable.from([]) : createReadStream(path, { end: size - 1 })),
    async close() {
      await (next ?? current);
      await file.close();
      lock.release();
    },
  };
}

/** Returns the length of the part that consists of whole lines. */
async function replayLines(file: FileHandle, replay: (record: unknown) => void): Promise<number> {
  let whole = 0;
  let rest = Buffer.alloc(0);
  for await (const chunk of file.createReadStream({ start: 0, autoClose: false })) {
    const buffer = Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = buffer.indexOf(10); end >= 0; end = buffer.indexOf(10, start)) {
      replay(JSON.parse(buffer.toString("utf8", start, end)));
      start = end + 1;
    }
    whole += start;
    rest = buffer.subarray(start);
  }
  return whole;
}

/** Makes the file's name itself durable. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  await folder.sync();
  await folder.close();
}

function crash(error: unknown): void {
  setImmediate(() => {
    throw error;
  });
}
