import { KontorError } from "@kontor/errors";
import { type Database, migrate, openDatabase, type Tx } from "@kontor/postgres";
import { startPostgres } from "@kontor/testing";
import { createMemoryDatabase } from "@kontor/testing/memory-database";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createIdempotency, type Idempotency, idempotencyTables, type KeyedWork, requestHash } from "../src/index.ts";
import { createMemoryIdempotency } from "./memory-idempotency.ts";

interface Place {
  readonly idempotency: Idempotency;
  readonly transaction: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;
}

const postgres = await startPostgres();
const { url } = await postgres.createDatabase("idempotency");
await migrate({ url, folders: [idempotencyTables], log: { info: () => undefined } });
const db: Database = openDatabase({ url, service: "test", max: 4 });
afterAll(async () => {
  await db.close();
  await postgres.stop();
});

function inMemory(): Place {
  const memory = createMemoryDatabase();
  return { idempotency: createMemoryIdempotency(memory), transaction: (work) => memory.transaction(work) };
}

const error = (code: "FAILED_PRECONDITION" | "UNAVAILABLE") =>
  new KontorError({ code, reason: "NO", domain: "test", message: "No." });

let keys = 0;
describe.each<[string, () => Place]>([
  ["on PostgreSQL", () => ({ idempotency: createIdempotency(db), transaction: (work) => db.transaction(work) })],
  ["in memory", inMemory],
])("a key %s", (_, open) => {
  let place: Place;
  let key: string;
  beforeEach(() => {
    place = open();
    keys += 1;
    key = `k-${keys}`;
  });

  const call = () => ({ deadline: new Date(Date.now() + 10_000), signal: new AbortController().signal });
  const perform = vi.fn<(settle: (result: string) => Promise<void>) => Promise<string>>();
  beforeEach(() => {
    perform.mockReset();
    perform.mockImplementation(async (settle) => {
      await settle("r-1");
      return "first";
    });
  });
  function once(more: { scope?: string; content?: object; admit?: KeyedWork<string>["admit"] } = {}) {
    const { scope = "u-1", content = {}, admit } = more;
    const settleIn = (claim: Parameters<KeyedWork<string>["perform"]>[0]) => (result: string) =>
      place.transaction((tx) => claim.settle(tx, result));
    return place.idempotency.once<string>(
      { scope, key, hash: requestHash(content) },
      {
        call: call(),
        ...(admit && { admit }),
        perform: (claim) => perform(settleIn(claim)),
        replay: async (result) => `again ${result}`,
      },
    );
  }

  it("is performed once, and gets the same result when it is repeated", async () => {
    expect(await once()).toEqual({ value: "first", replayed: false });
    expect(await once()).toEqual({ value: "again r-1", replayed: true });
    expect(perform).toHaveBeenCalledTimes(1);
  });

  it("is performed once of many requests at once", async () => {
    const all = await Promise.all([once(), once(), once()]);
    expect(all.filter(({ replayed }) => replayed)).toHaveLength(2);
    expect(perform).toHaveBeenCalledTimes(1);
  });

  it("belongs to one request, and to its scope", async () => {
    await once();
    await expect(once({ content: { other: true } })).rejects.toMatchObject({ reason: "IDEMPOTENCY_KEY_REUSED" });
    expect(await once({ scope: "u-2", content: { other: true } })).toMatchObject({ replayed: false });
  });

  it("keeps a refusal, and is free again after a transient failure", async () => {
    perform.mockRejectedValueOnce(error("UNAVAILABLE")).mockRejectedValueOnce(error("FAILED_PRECONDITION"));
    await expect(once()).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await expect(once()).rejects.toMatchObject({ code: "FAILED_PRECONDITION" });
    await expect(once()).rejects.toMatchObject({ code: "FAILED_PRECONDITION" });
    expect(perform).toHaveBeenCalledTimes(2);
  });

  it("is free again when the transaction that settles it fails", async () => {
    perform.mockImplementationOnce(() => Promise.reject(new Error("The commit failed.")));
    await expect(once()).rejects.toThrow("The commit failed.");
    expect(await once()).toMatchObject({ replayed: false });
  });

  it("that is new is not claimed by a request that is not admitted; a known one returns its outcome", async () => {
    const admit = () => {
      throw error("UNAVAILABLE");
    };
    await expect(once({ admit })).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await once();
    expect(await once({ admit })).toMatchObject({ replayed: true });
  });
});
