import { Writable } from "node:stream";
import type { ClientBase } from "pg";
import { describe, expect, it } from "vitest";
import { joinWrites } from "./joined-writes.ts";

function openClient() {
  const batches: number[] = [];
  const stream = new Writable({
    write: (_, __, done) => {
      batches.push(1);
      done();
    },
    writev: (chunks, done) => {
      batches.push(chunks.length);
      done();
    },
  });
  return { stream, batches, client: { connection: { stream } } as unknown as ClientBase };
}

describe("the writes of a connection", () => {
  it("are sent together with those of the continuations that follow at once", async () => {
    const { stream, batches, client } = openClient();
    joinWrites(client);
    stream.write("BEGIN");
    await Promise.resolve().then(() => {
      joinWrites(client);
      stream.write("INSERT");
    });
    expect(batches).toEqual([]);
    await new Promise(setImmediate);
    expect(batches).toEqual([2]);
  });

  it("wait for nothing else", async () => {
    const { stream, batches, client } = openClient();
    for (const text of ["one", "two"]) {
      joinWrites(client);
      stream.write(text);
      await new Promise(setImmediate);
    }
    expect(batches).toEqual([1, 1]);
    expect(stream.writableCorked).toBe(0);
  });
});
