import { once } from "node:events";
import { eventually, startPostgres, type TestDatabase } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Database, openDatabase } from "./index.ts";

let test: TestDatabase;
let one: Database;
let other: Database;

beforeAll(async () => {
  test = await (await startPostgres()).createDatabase("leases");
  one = openDatabase({ url: test.url, service: "one" });
  other = openDatabase({ url: test.url, service: "other" });
});

afterAll(async () => {
  await Promise.all([one.close(), other.close()]);
  await test.drop();
});

describe("a lock", () => {
  it("is held by one at a time and is free again when released", async () => {
    const lease = await one.lock("relay");
    expect(lease?.lost.aborted).toBe(false);
    expect(await other.lock("relay")).toBeUndefined();
    const elsewhere = await other.lock("sweeper");
    expect(elsewhere).toBeDefined();

    await lease?.release();
    await lease?.release();
    expect(lease?.lost.aborted).toBe(false);
    await eventually(async () => {
      const next = await other.lock("relay");
      expect(next).toBeDefined();
      await next?.release();
    });
    await elsewhere?.release();
  });

  it("notifies its holder when the connection breaks, and can be taken by another", async () => {
    const lease = await one.lock("fenced");
    if (!lease) throw new Error("The lock is not held elsewhere.");
    const lost = once(lease.lost, "abort");
    await other.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    );
    await lost;
    expect(lease.lost.reason).toMatchObject({ message: 'The lock "fenced" was lost.' });
    await eventually(async () => expect(await other.lock("fenced")).toBeDefined());
  });

  it("keeps a standby's session flat over an hour of attempts, one a second", async () => {
    const lease = await one.lock("hourly");
    const standby = openDatabase({ url: test.url, service: "standby" });
    const sessions = () =>
      other.query("SELECT pid, backend_start FROM pg_stat_activity WHERE application_name = 'standby'");
    expect(await standby.lock("hourly")).toBeUndefined();
    const first = await sessions();
    expect(first).toHaveLength(1);
    for (let attempt = 0; attempt < 3_600; attempt++) expect(await standby.lock("hourly")).toBeUndefined();
    expect(await sessions()).toEqual(first);

    await lease?.release();
    expect(await standby.lock("hourly")).toBeDefined();
    await standby.close();
  });

  it("is held once also when both attempts come from one database object", async () => {
    const lease = await one.lock("twice");
    expect(await one.lock("twice")).toBeUndefined();
    await lease?.release();
    const next = await one.lock("twice");
    expect(next).toBeDefined();
    await next?.release();
  });
});
