import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDurableLog } from "./durable-log.ts";

describe("a durable log", () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "durable-log-"));
    path = join(folder, "new", "log.jsonl");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function replayed(): Promise<unknown[]> {
    const records: unknown[] = [];
    const log = await openDurableLog(path, (record) => records.push(record));
    await log.close();
    return records;
  }

  it("replays what was flushed, in order", async () => {
    const log = await openDurableLog(path, () => {});
    const flushed = [1, 2, 3].map((n) => {
      log.append({ n, text: "größer\n" });
      return log.flush();
    });
    await Promise.all(flushed);
    expect(readFileSync(path, "utf8").split("\n")).toHaveLength(4);
    await log.close();
    expect(await replayed()).toEqual([1, 2, 3].map((n) => ({ n, text: "größer\n" })));
  });

  it("shares one write among concurrent records", async () => {
    const log = await openDurableLog(path, () => {});
    log.append({ n: 1 });
    const first = log.flush();
    log.append({ n: 2 });
    expect(log.flush()).toBe(first);
    await log.close();
  });

  it("replays lines that are longer than a read", async () => {
    const log = await openDurableLog(path, () => {});
    log.append({ text: "ä".repeat(200_000) });
    log.append({ text: "short" });
    await log.close();
    expect((await replayed()).map((record) => (record as { text: string }).text.length)).toEqual([200_000, 5]);
  });

  it("cuts off an incomplete last line and continues after the complete ones", async () => {
    const log = await openDurableLog(path, () => {});
    log.append({ n: 1 });
    await log.close();
    appendFileSync(path, '{"n":2,"te');
    const again = await openDurableLog(path, () => {});
    again.append({ n: 3 });
    await again.close();
    expect(await replayed()).toEqual([{ n: 1 }, { n: 3 }]);
  });

  it("refuses a file that is broken in the middle", async () => {
    await replayed();
    writeFileSync(path, '{"n":1}\nrubbish\n{"n":2}\n');
    await expect(replayed()).rejects.toThrow(SyntaxError);
  });

  it("reads all durable records", async () => {
    const log = await openDurableLog(path, () => {});
    expect(await log.read().toArray()).toEqual([]);
    log.append({ n: 1 });
    await log.flush();
    expect(Buffer.concat(await log.read().toArray()).toString()).toBe('{"n":1}\n');
    await log.close();
  });
});
