import type { Sql } from "./sql.ts";

/** The clock of a database, as a process follows it. */
export interface DatabaseClock {
  /** Returns the time of the database. The clock of this machine, whether wrong or set while the process runs, does not change it. */
  now(): Date;
  /** Stops following. Repeating it is a no-op. */
  stop(): void;
}

/** How a clock is followed. */
export interface ClockOptions {
  /** Interval between readings, in milliseconds. Default 30 s. */
  readonly everyMs?: number;
}

interface Reading {
  /** The database's time minus the monotonic clock of the process, in milliseconds. */
  readonly offset: number;
  /** Half of the round trip: the reading is wrong by no more. */
  readonly error: number;
}

/** A reading that is wrong by more replaces no better one, unless they contradict each other. */
const GOOD_ERROR_MS = 50;
/** A process that starts on a busy machine reads until one reading is this exact, or this often. */
const GOOD_FIRST_ERROR_MS = 5;
const FIRST_READINGS = 5;
const READ = "SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS at";

/**
 * Reads the clock of a database, then follows it: between readings by the monotonic clock of the process. So all processes of a
 * service agree about the time, and with the `now()` of its statements. A reading that fails is left out.
 *
 * @throws KontorError UNAVAILABLE or DEADLINE_EXCEEDED if the first reading fails
 */
export async function followClock(sql: Sql, { everyMs = 30_000 }: ClockOptions = {}): Promise<DatabaseClock> {
  let known = await read(sql);
  for (let more = FIRST_READINGS - 1; more > 0 && known.error > GOOD_FIRST_ERROR_MS; more -= 1) {
    const reading = await read(sql);
    if (reading.error < known.error) known = reading;
  }
  const timer = setInterval(() => {
    read(sql).then(
      (reading) => {
        if (isBetter(reading, known)) known = reading;
      },
      () => undefined,
    );
  }, everyMs).unref();
  return { now: () => new Date(performance.now() + known.offset), stop: () => clearInterval(timer) };
}

async function read(sql: Sql): Promise<Reading> {
  const asked = performance.now();
  const [row] = await sql.query(READ, [], { name: "clock.read" });
  const answered = performance.now();
  return { offset: Number(row?.at ?? 0) - (asked + answered) / 2, error: (answered - asked) / 2 };
}

function isBetter(reading: Reading, known: Reading): boolean {
  const contradicts = Math.abs(reading.offset - known.offset) > reading.error + known.error;
  return contradicts || reading.error <= Math.max(known.error, GOOD_ERROR_MS);
}
