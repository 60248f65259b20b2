import { eventually, rowsOf, startPostgres } from "@kontor/testing";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { followClock, openDatabase, type Sql } from "./index.ts";

const postgres = await startPostgres();
const { url } = await postgres.createDatabase("clock");
const db = openDatabase({ url, service: "test" });
afterAll(async () => {
  await db.close();
  await postgres.stop();
});
afterEach(() => vi.restoreAllMocks());

const HOUR = 3_600_000;
const databaseTime = async () =>
  (await rowsOf<{ at: Date }>(db, "SELECT clock_timestamp() AS at"))[0]?.at.getTime() ?? 0;

/** Returns the database with its clock set ahead. */
function aheadBy(shift: { ms: number; fails?: boolean }): Sql {
  const query = async (...args: [text: string]) => {
    if (shift.fails) throw new Error("The database cannot be reached.");
    const rows = await db.query(...args);
    return rows.map((row) => ({ ...row, at: Number(row.at) + shift.ms }));
  };
  return { query: query as unknown as Sql["query"] };
}

describe("the clock of a database", () => {
  it.each([HOUR, -HOUR])(
    "is followed whether the machine's is off by %i ms, or is set while the process runs",
    async (shift) => {
      const real = Date.now.bind(Date);
      const wrong = vi.spyOn(Date, "now").mockImplementation(() => real() + shift);
      const clock = await followClock(db);
      expect(Math.abs(clock.now().getTime() - (await databaseTime()))).toBeLessThan(1_000);
      wrong.mockImplementation(() => real() - shift);
      expect(Math.abs(clock.now().getTime() - (await databaseTime()))).toBeLessThan(1_000);
      clock.stop();
    },
  );

  it("is read again, and followed when it was set", async () => {
    const shift = { ms: 0 };
    const clock = await followClock(aheadBy(shift), { everyMs: 20 });
    shift.ms = HOUR;
    await eventually(async () => {
      expect(Math.abs(clock.now().getTime() - HOUR - (await databaseTime()))).toBeLessThan(1_000);
    });
    clock.stop();
  });

  it("goes on while the database is away", async () => {
    const shift = { ms: 0, fails: false };
    const clock = await followClock(aheadBy(shift), { everyMs: 10 });
    shift.fails = true;
    const before = clock.now().getTime();
    await eventually(() => expect(clock.now().getTime() - before).toBeGreaterThan(50));
    expect(Math.abs(clock.now().getTime() - (await databaseTime()))).toBeLessThan(1_000);
    clock.stop();
  });
});
