import { spawn } from "node:child_process";
import { once as event } from "node:events";
import { fileURLToPath } from "node:url";
import { defineErrors, invalid, KontorError } from "@kontor/errors";
import { type Database, migrate, openDatabase, prune } from "@kontor/postgres";
import { createLogger } from "@kontor/telemetry";
import { eventually, rowsOf, startPostgres } from "@kontor/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  type Claim,
  createIdempotency,
  type Idempotency,
  idempotencyTables,
  keyRetention,
  requestHash,
} from "../src/index.ts";

const errors = defineErrors("shop.test", {
  OUT_OF_STOCK: {
    code: "FAILED_PRECONDITION",
    message: (f: { wanted: number; sku: string; available: number }) => `Only ${f.available} of ${f.sku} are left.`,
  },
  BUSY: { code: "UNAVAILABLE", message: "Later." },
});

const postgres = await startPostgres();
let url: string;
/** Two replicas: each has its own pool, as a process has. */
let replicas: readonly { db: Database; idempotency: Idempotency }[];
beforeAll(async () => {
  ({ url } = await postgres.createDatabase("idempotency", { owner: true }));
  replicas = [1, 2].map(() => {
    const db = openDatabase({ url, service: "test" });
    return { db, idempotency: createIdempotency(db, { waitMs: 2_000, graceMs: 0 }) };
  });
  await migrate({ url, folders: [idempotencyTables], log: { info: () => undefined } });
  await replica(0).db.query("CREATE TABLE effects (key text NOT NULL, id text NOT NULL)");
});
afterAll(async () => {
  await Promise.all(replicas.map(({ db }) => db.close()));
  await postgres.stop();
});
beforeEach(() => replica(0).db.query("TRUNCATE idempotency_claims, effects"));

function replica(index: number) {
  const found = replicas[index];
  if (found === undefined) throw new Error(`There is no replica ${index}.`);
  return found;
}

interface Sent {
  readonly on?: number;
  readonly body?: unknown;
  readonly scope?: string;
  readonly withinMs?: number;
  readonly signal?: AbortSignal;
  readonly admit?: () => void;
  readonly perform?: (claim: Claim, db: Database) => Promise<string>;
}

/** Sends a request with a key; its effect is a row of `effects`. */
async function send(key: string, id: string, sent: Sent = {}) {
  const { on = 0, body = { sku: "mug" }, scope = "u", withinMs = 10_000, admit, perform = effect(key, id) } = sent;
  const { db, idempotency } = replica(on);
  const { signal = new AbortController().signal } = sent;
  return idempotency.once(
    { scope, key, hash: requestHash(body) },
    {
      call: { deadline: new Date(Date.now() + withinMs), signal },
      ...(admit && { admit }),
      perform: (claim) => perform(claim, db),
      replay: async (result) => result,
    },
  );
}

const effect = (key: string, id: string) => async (claim: Claim, db: Database) => {
  await db.transaction(async (tx) => {
    await claim.settle(tx, id);
    await tx.query("INSERT INTO effects VALUES ($1, $2)", [key, id]);
  });
  return id;
};
const effects = async () => (await rowsOf<{ id: string }>(replica(0).db, "SELECT id FROM effects")).map(({ id }) => id);
const claims = (where = "true") => replica(0).db.query(`SELECT key FROM idempotency_claims WHERE ${where}`);
const failure = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (error: unknown) => error as KontorError,
  );
const unused = () => Promise.reject(new Error("The request is performed a second time."));
/** Performs nothing until it is opened. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { open: resolve, opened: promise };
}
const claimed = () => eventually(async () => expect(await claims()).toHaveLength(1));

describe("keys that are claimed at the same time", () => {
  it("of which one is sent five times, twice with another request, have the outcomes of a sequential order", async () => {
    const repeated = [{}, {}, { body: { sku: "cup" } }, { on: 0 }, { body: { sku: "jar" } }];
    const [others, same] = await Promise.all([
      Promise.all(Array.from({ length: 59 }, (_, n) => send(`k-${n}`, `e-${n}`))),
      Promise.all(repeated.map((more, n) => send("same", `s-${n}`, more).catch((error: KontorError) => error.reason))),
    ]);
    expect(others.every(({ replayed }) => !replayed)).toBe(true);
    const first = { value: "s-0", replayed: false };
    const again = { value: "s-0", replayed: true };
    const REUSED = "IDEMPOTENCY_KEY_REUSED";
    expect(same).toEqual([first, again, REUSED, again, REUSED]);
    expect(await replica(0).db.query("SELECT id FROM effects WHERE key = 'same'")).toEqual([{ id: "s-0" }]);
  });
});

describe("a key", () => {
  it("is settled by the first request, and repeats return its result", async () => {
    expect(await send("k", "first")).toEqual({ value: "first", replayed: false });
    expect(await send("k", "second", { on: 1, perform: unused })).toEqual({ value: "first", replayed: true });
    expect(await effects()).toEqual(["first"]);
  });

  it("of another scope is another key", async () => {
    await send("k", "mine");
    expect(await send("k", "yours", { scope: "v", body: "other" })).toMatchObject({ value: "yours", replayed: false });
  });

  it.each(["settled", "refused", "running", "expired"])(
    "that is %s refuses another request as reused",
    async (state) => {
      const { open, opened } = gate();
      if (state === "settled") await send("k", "first");
      if (state === "refused") await failure(send("k", "first", { perform: () => Promise.reject(invalid([])) }));
      const running = state === "running" && send("k", "first", { perform: () => opened.then(() => "first") });
      if (state === "running") await claimed();
      if (state === "expired")
        await replica(0).db.query(
          "INSERT INTO idempotency_claims VALUES ('u', 'k', $1, uuidv7(), now() - interval '1 s')",
          [requestHash({ sku: "mug" })],
        );
      const other = failure(send("k", "second", { on: 1, body: { sku: "cup" }, perform: unused }));
      expect(await other).toMatchObject({ code: "FAILED_PRECONDITION", reason: "IDEMPOTENCY_KEY_REUSED" });
      open();
      await running;
    },
  );
});

describe("a refusal", () => {
  it("settles the key, and repeats get the same code, reason, message, facts and violations", async () => {
    const refusals = [
      errors.OUT_OF_STOCK({ wanted: 2, sku: "mug", available: 1 }),
      invalid([{ field: "shippingAddressId", description: "You have no address ü." }], "orders.shop"),
    ];
    for (const [index, refusal] of refusals.entries()) {
      const first = failure(send(`k-${index}`, "", { perform: () => Promise.reject(refusal) }));
      expect(await first).toBe(refusal);
      const again = await failure(send(`k-${index}`, "", { on: 1, perform: unused }));
      expect(again).toBeInstanceOf(KontorError);
      expect(JSON.stringify(again)).toBe(JSON.stringify(refusal));
      expect(again?.message).toBe(refusal.message);
    }
    expect(await effects()).toEqual([]);
  });

  it.each([
    ["a transient failure", errors.BUSY()],
    ["a conflict", new KontorError({ code: "ABORTED", reason: "LOCK_TIMEOUT", domain: "d", message: "m" })],
    ["an internal failure", new KontorError({ code: "INTERNAL", reason: "INTERNAL", domain: "d", message: "m" })],
    ["overload", new KontorError({ code: "RESOURCE_EXHAUSTED", reason: "OVERLOADED", domain: "d", message: "m" })],
    ["a bug", new TypeError("undefined is not a function")],
  ])("is not settled by %s, which frees the key", async (_, error) => {
    expect(await failure(send("k", "", { perform: () => Promise.reject(error) }))).toBe(error);
    expect(await claims()).toEqual([]);
    expect(await send("k", "second")).toMatchObject({ value: "second", replayed: false });
  });

  it("is not returned when it cannot be stored", async () => {
    const perform = async () => {
      await replica(0).db.query("ALTER TABLE idempotency_claims RENAME TO hidden");
      throw errors.OUT_OF_STOCK({ wanted: 2, sku: "mug", available: 1 });
    };
    const error = await failure(send("k", "", { perform }));
    await replica(0).db.query("ALTER TABLE hidden RENAME TO idempotency_claims");
    expect(error).not.toBeInstanceOf(KontorError);
  });
});

describe("a repeated request while the first runs", () => {
  it.each([0, 1])("waits on replica %i and gets its result", async (on) => {
    const { open, opened } = gate();
    const first = send("k", "first", { perform: (claim, db) => opened.then(() => effect("k", "first")(claim, db)) });
    await claimed();
    const second = send("k", "second", { on, perform: unused });
    open();
    expect(await first).toEqual({ value: "first", replayed: false });
    expect(await second).toEqual({ value: "first", replayed: true });
  });

  it("waits and gets its refusal", async () => {
    const { open, opened } = gate();
    const refusal = errors.OUT_OF_STOCK({ wanted: 2, sku: "mug", available: 1 });
    const first = failure(send("k", "", { perform: () => opened.then(() => Promise.reject(refusal)) }));
    await claimed();
    const second = failure(send("k", "", { on: 1, perform: unused }));
    open();
    expect(await first).toBe(refusal);
    expect(await second).toMatchObject({ reason: "OUT_OF_STOCK", metadata: refusal.metadata });
  });

  it("is performed when the first fails for a transient reason", async () => {
    const { open, opened } = gate();
    const first = failure(send("k", "", { perform: () => opened.then(() => Promise.reject(errors.BUSY())) }));
    await claimed();
    const second = send("k", "second", { on: 1 });
    open();
    expect(await first).toMatchObject({ reason: "BUSY" });
    expect(await second).toEqual({ value: "second", replayed: false });
  });

  it("is refused as in flight, to be repeated later, once it has waited or its deadline is near", async () => {
    const { open, opened } = gate();
    const first = send("k", "first", { perform: (claim, db) => opened.then(() => effect("k", "first")(claim, db)) });
    await claimed();
    for (const withinMs of [10_000, 300]) {
      const second = await failure(send("k", "second", { on: 1, withinMs, perform: unused }));
      expect(second).toMatchObject({ code: "ABORTED", reason: "IDEMPOTENCY_IN_FLIGHT", retryAfterMs: 1_000 });
    }
    open();
    await first;
  });

  it("ends when its caller cancels", async () => {
    const { open, opened } = gate();
    const first = send("k", "first", { perform: (claim, db) => opened.then(() => effect("k", "first")(claim, db)) });
    await claimed();
    const caller = new AbortController();
    const second = failure(send("k", "second", { on: 1, signal: caller.signal, perform: unused }));
    caller.abort(errors.BUSY());
    expect(await second).toMatchObject({ reason: "BUSY" });
    open();
    await first;
  });

  it("is performed once of 40 on two replicas", async () => {
    const many = Array.from({ length: 40 }, (_, n) => send("k", `r${n}`, { on: n % 2 }));
    const values = (await Promise.all(many)).map(({ value }) => value);
    expect(await effects()).toEqual([values[0]]);
    expect(new Set(values).size).toBe(1);
  });

  it("does not wait for the lock that a slow commit holds", async () => {
    const { open, opened } = gate();
    const slow = async (claim: Claim, db: Database) => {
      await db.transaction(async (tx) => {
        await claim.settle(tx, "first");
        await opened;
      });
      return "first";
    };
    const first = send("k", "first", { perform: slow });
    await claimed();
    const second = await failure(send("k", "second", { on: 1, withinMs: 400, perform: unused }));
    expect(second).toMatchObject({ reason: "IDEMPOTENCY_IN_FLIGHT" });
    open();
    expect(await first).toMatchObject({ value: "first" });
  });
});

describe("a claim", () => {
  it("of a process that was killed ends with its lease; the repeated request is performed", async () => {
    const script = fileURLToPath(new URL("claimant.ts", import.meta.url));
    const hash = "same";
    const child = spawn(process.execPath, [script, url, "k", hash, "800"], {
      env: { ...process.env, KONTOR_FAILPOINT: "idempotency.claimed" },
      stdio: ["ignore", "ignore", "inherit"],
    });
    expect((await event(child, "exit"))[1]).toBe("SIGKILL");
    expect(await claims("lease_until IS NOT NULL")).toHaveLength(1);
    const { db, idempotency } = replica(1);
    const again = idempotency.once(
      { scope: "u", key: "k", hash: Buffer.from(hash) },
      {
        call: { deadline: new Date(Date.now() + 10_000), signal: new AbortController().signal },
        perform: (claim) => effect("k", "second")(claim, db),
        replay: async (result) => result,
      },
    );
    expect(await again).toEqual({ value: "second", replayed: false });
  });

  it("that was taken over settles nothing: its effect is rolled back, and it returns the other's result", async () => {
    const { open, opened } = gate();
    const first = send("k", "first", {
      withinMs: 100,
      perform: (claim, db) => opened.then(() => effect("k", "first")(claim, db)),
    });
    await claimed();
    expect(await send("k", "second", { on: 1 })).toEqual({ value: "second", replayed: false });
    open();
    expect(await first).toEqual({ value: "second", replayed: true });
    expect(await effects()).toEqual(["second"]);
  });

  it("that was taken over cannot settle the key with its refusal either", async () => {
    const { open, opened } = gate();
    const refuse = () => opened.then(() => Promise.reject(errors.OUT_OF_STOCK({ wanted: 2, sku: "m", available: 1 })));
    const first = send("k", "first", { withinMs: 100, perform: refuse });
    await claimed();
    await send("k", "second", { on: 1 });
    open();
    expect(await first).toEqual({ value: "second", replayed: true });
  });

  it("whose commit took effect although its response was lost is replayed", async () => {
    const perform = async (claim: Claim, db: Database) => {
      await effect("k", "first")(claim, db);
      throw errors.BUSY();
    };
    expect(await send("k", "first", { perform })).toEqual({ value: "first", replayed: true });
  });
});

describe("an overloaded service", () => {
  const admit = () => {
    throw errors.BUSY();
  };

  it("refuses a new request and leaves its key free", async () => {
    expect(await failure(send("k", "first", { admit, perform: unused }))).toMatchObject({ reason: "BUSY" });
    expect(await claims()).toEqual([]);
  });

  it("returns the outcome of a request whose key is known", async () => {
    await send("k", "first");
    expect(await send("k", "second", { admit, perform: unused })).toMatchObject({ value: "first", replayed: true });
    expect(await failure(send("k", "second", { admit, body: "other" }))).toMatchObject({
      reason: "IDEMPOTENCY_KEY_REUSED",
    });
  });
});

describe("a first request", () => {
  it("needs one statement for its claim", async () => {
    const { db } = replica(0);
    const statements: string[] = [];
    const query = (...args: [statement: string | { readonly text: string }]) => {
      const [statement] = args;
      statements.push(typeof statement === "string" ? statement : statement.text);
      return db.query(...(args as [string]));
    };
    const counting: Database = { ...db, query: query as Database["query"] };
    await createIdempotency(counting).once(
      { scope: "u", key: "k", hash: requestHash("x") },
      {
        call: { deadline: new Date(Date.now() + 10_000), signal: new AbortController().signal },
        perform: (claim) => effect("k", "first")(claim, db),
        replay: async (result) => result,
      },
    );
    expect(statements).toHaveLength(1);
  });

  it("does not wait for the disk with its claim, but with its result", async () => {
    const [row] = await rowsOf<{ name: string }>(replica(0).db, "SELECT current_database() AS name");
    await replica(0).db.query(`ALTER DATABASE ${row?.name} SET synchronous_commit = on`);
    const db = openDatabase({ url, service: "test", max: 1 });
    // The bytes that this session wrote to the log itself; the background writer writes the rest.
    const writes = async () => {
      await db.query("SELECT pg_stat_force_next_flush()");
      const io = "SELECT sum(writes)::int AS writes FROM pg_stat_get_backend_io(pg_backend_pid()) WHERE object = 'wal'";
      return (await rowsOf<{ writes: number }>(db, io))[0]?.writes ?? 0;
    };
    let afterClaim = 0;
    const before = await writes();
    await createIdempotency(db).once(
      { scope: "u", key: "k", hash: requestHash("x") },
      {
        call: { deadline: new Date(Date.now() + 10_000), signal: new AbortController().signal },
        async perform(claim) {
          afterClaim = await writes();
          return effect("k", "first")(claim, db);
        },
        replay: async (result) => result,
      },
    );
    expect(afterClaim).toBe(before);
    expect(await writes()).toBeGreaterThan(before);
    await db.close();
  });
});

describe("retention", () => {
  it("removes old settled and abandoned keys, and keeps those in use", async () => {
    await send("settled", "first");
    const held = (key: string, minutes: number) =>
      replica(0).db.query(
        "INSERT INTO idempotency_claims VALUES ('u', $1, '', uuidv7(), now() + $2 * interval '1 min')",
        [key, minutes],
      );
    await held("abandoned", -1);
    await held("running", 1);
    await replica(0).db.query("UPDATE idempotency_claims SET created_at = now() - interval '2 days'");
    await send("young", "first");
    const log = createLogger({ service: "test", level: "silent" });
    await prune({ db: replica(0).db, rules: [keyRetention(86_400_000)], log });
    expect((await claims()).map(({ key }) => key).sort()).toEqual(["running", "young"]);
  });
});
