import { readdirSync, readFileSync } from "node:fs";

const TICK_MS = 10;

/** CPU time that processes have used so far, in milliseconds, with PostgreSQL's backends summed under its name. Linux only. */
export function cpuOf(pids: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(pids).map(([name, pid]) => [name, family(name, pid).reduce(sumOf(cpuTime), 0)]),
  );
}

/** Returns the CPU time that each process used between two readings of {@link cpuOf}, in milliseconds. */
export function cpuBetween(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(Object.entries(after).map(([name, ms]) => [name, ms - (before[name] ?? 0)]));
}

/** Memory of all processes but PostgreSQL, in MiB: RSS counts shared pages in each process, PSS shares them out. */
export function memoryOf(pids: Readonly<Record<string, number>>): {
  rss: number;
  pss: number;
  each: Record<string, number>;
} {
  const own = Object.entries(pids).filter(([name]) => name !== "postgres");
  const pages = own.map(([name, pid]) => ({ name, ...rollup(pid) }));
  return {
    rss: Math.round(pages.reduce((sum, { rss }) => sum + rss, 0)),
    pss: Math.round(pages.reduce((sum, { pss }) => sum + pss, 0)),
    each: Object.fromEntries(pages.map(({ name, rss }) => [name, Math.round(rss)])),
  };
}

function family(name: string, pid: number): number[] {
  return name === "postgres" ? [pid, ...childrenOf(pid)] : [pid];
}

function childrenOf(parent: number): number[] {
  const pids = readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number);
  return pids.filter((pid) => stat(pid)?.[1] === String(parent));
}

const sumOf = (of: (pid: number) => number) => (sum: number, pid: number) => sum + of(pid);

function cpuTime(pid: number): number {
  const fields = stat(pid);
  return (Number(fields?.[11] ?? 0) + Number(fields?.[12] ?? 0)) * TICK_MS;
}

/** The fields of /proc/PID/stat after the name, or nothing if the process has ended. */
function stat(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

function rollup(pid: number): { rss: number; pss: number } {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const mib = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0) / 1024;
  return { rss: mib("Rss"), pss: mib("Pss") };
}
