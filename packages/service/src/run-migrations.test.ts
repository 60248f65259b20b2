import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { openDatabase } from "@kontor/postgres";
import { childEnvironment, startPostgres } from "@kontor/testing";
import { afterAll, describe, expect, it } from "vitest";

const postgres = await startPostgres();
afterAll(() => postgres.stop());

async function migrateOnly(environment: Record<string, string>) {
  const main = new URL("../test/stock-main.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [main, "migrate"], {
    env: childEnvironment(environment),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const code = new Promise((resolve) => child.once("close", resolve));
  return { output: await text(child.stdout), code: await code };
}

describe("a service with the argument `migrate`", () => {
  it("brings the schema up to date and exits with 0, needing nothing but the database", async () => {
    const { url } = await postgres.createDatabase("migrate");
    expect(await migrateOnly({ DATABASE_URL: url })).toMatchObject({ code: 0 });
    const db = openDatabase({ url, service: "test" });
    expect(await db.query("SELECT sku FROM stock")).toEqual([]);
    await db.close();
  });

  it("migrates as the owner and grants the role that runs its rights, without that role's password", async () => {
    const { url, runUrl, name } = await postgres.createDatabase("migrate_as_owner", { owner: true });
    const owner = { DATABASE_OWNER_URL: url, DATABASE_RUN_ROLE: `${name}_run` };
    expect(await migrateOnly(owner)).toMatchObject({ code: 0, output: expect.stringContaining("rights granted") });
    const db = openDatabase({ url: runUrl, service: "test" });
    expect(await db.query("INSERT INTO stock VALUES ('B', 1) RETURNING sku")).toEqual([{ sku: "B" }]);
    await expect(db.query("DROP TABLE stock")).rejects.toThrow("must be owner");
    await db.close();
  });

  it("may run many times at once", async () => {
    const { url } = await postgres.createDatabase("migrate_together");
    const runs = await Promise.all([1, 2, 3].map(() => migrateOnly({ DATABASE_URL: url })));
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(runs.filter(({ output }) => output.includes("migration applied"))).toHaveLength(1);
  });

  it("exits with 1 and the reason when it is refused", async () => {
    const { url } = await postgres.createDatabase("migrate_refused");
    const elsewhere = new URL(url);
    elsewhere.pathname = "/there_is_none";
    const { code, output } = await migrateOnly({ DATABASE_URL: elsewhere.href });
    expect(code).toBe(1);
    expect(output).toContain("there_is_none");
  });
});
