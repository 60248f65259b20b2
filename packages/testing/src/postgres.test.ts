import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Postgres, startPostgres } from "./postgres.ts";

describe("a test's PostgreSQL", () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  it("is version 18", async () => {
    expect(await query(postgres.url, "SHOW server_version")).toMatchObject([
      { server_version: expect.stringMatching(/^18\./) },
    ]);
  });

  it("gives every test an empty database of its own", async () => {
    const [a, b] = await Promise.all([postgres.createDatabase("orders"), postgres.createDatabase("orders")]);
    await query(a.url, "CREATE TABLE t (n int)");
    await query(b.url, "CREATE TABLE t (n int)");
    expect(a.name).not.toBe(b.name);
  });

  it("admits an owner role to its own database only", async () => {
    const [mine, other] = await Promise.all([1, 2].map(() => postgres.createDatabase("own", { owner: true })));
    if (!mine || !other) throw new Error("two databases");
    await query(mine.url, "CREATE TABLE t (n int)");
    const foreign = new URL(mine.url);
    foreign.pathname = other.name;
    await expect(query(foreign.href, "SELECT 1")).rejects.toThrow(/permission denied for database/);
  });

  it("drops a database although sessions are open", async () => {
    const database = await postgres.createDatabase();
    const client = new pg.Client({ connectionString: database.url });
    client.on("error", () => {});
    await client.connect();
    await database.drop();
    await expect(query(database.url, "SELECT 1")).rejects.toThrow(/does not exist/);
    await client.end();
  });
});

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}
