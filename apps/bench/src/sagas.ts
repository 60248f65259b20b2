import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readFlags, runCommand, wholeNumber } from "@kontor/config";
import { launchPostgres } from "@kontor/servers";
import { runContender } from "./sagas/run-contender.ts";
import { spread, table } from "./statistics.ts";

const help = `Sagas per second of Kontor's engine and of DBOS Transact: the same five empty steps, on the same PostgreSQL.

  npm run bench:saga -- [--rounds 5] [--seconds 4] [--concurrency 32] [--json]

The contenders take turns, each in its own process and database. "each step" stores every step separately, like DBOS. "with next" stores
idempotent steps together where a crash may repeat them. CPU is in milliseconds a saga. All figures are medians, with minimum and maximum.`;

const flags = {
  rounds: { type: "string", default: "5" },
  seconds: { type: "string", default: "4" },
  concurrency: { type: "string", default: "32" },
  json: { type: "boolean", default: false },
} as const;

const contenders = {
  "DBOS Transact": ["dbos.ts"],
  "engine, each step": ["engine.ts", "each"],
  "engine, with next": ["engine.ts", "with-next"],
} as const satisfies Record<string, readonly [file: string, mode?: string]>;
const names = Object.keys(contenders) as (keyof typeof contenders)[];

await runCommand(async () => {
  const values = readFlags(process.argv.slice(2), flags, help);
  if (values === undefined) return 0;
  const rounds = wholeNumber("--rounds", values.rounds, 1, 1_000);
  const seconds = wholeNumber("--seconds", values.seconds, 1, 3_600);
  const concurrency = wholeNumber("--concurrency", values.concurrency, 1, 10_000);
  const folder = mkdtempSync(join(tmpdir(), "kontor-bench-sagas-"));
  const server = await launchPostgres({ dataDir: join(folder, "data"), temporary: folder });
  try {
    const measured: Record<string, Awaited<ReturnType<typeof runContender>>>[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const of: (typeof measured)[number] = {};
      for (const name of names) of[name] = await runContender(server, contenders[name], { concurrency, seconds });
      const perSecond = names.map((name) => `${name} ${of[name]?.perSecond.toFixed(0)}/s`);
      console.error(`round ${round}: ${perSecond.join(", ")}`);
      measured.push(of);
    }
    const figure = (name: string, pick: "perSecond" | "cpuMs" | "postgresCpuMs" | "p50Ms") =>
      spread(measured.map((of) => of[name]?.[pick] ?? Number.NaN));
    const ratio = (name: string, pick: "perSecond" | "cpuMs") =>
      spread(
        measured.map((of) => {
          const [ours, theirs] = [of[name]?.[pick] ?? Number.NaN, of["DBOS Transact"]?.[pick] ?? Number.NaN];
          return pick === "cpuMs" ? theirs / ours : ours / theirs;
        }),
      );
    const summary = names.map((name) => ({
      name,
      perSecond: figure(name, "perSecond"),
      timesDbos: ratio(name, "perSecond"),
      cpuMs: figure(name, "cpuMs"),
      timesDbosByCpu: ratio(name, "cpuMs"),
      postgresCpuMs: figure(name, "postgresCpuMs"),
      p50Ms: figure(name, "p50Ms"),
    }));
    if (values.json) console.log(JSON.stringify({ concurrency, rounds, seconds, summary }, null, 2));
    else console.log(asTable(summary));
    return 0;
  } finally {
    await server.stop();
  }
});

function asTable(summary: readonly ({ readonly name: string } & Record<string, unknown>)[]): string {
  const columns = ["perSecond", "timesDbos", "cpuMs", "timesDbosByCpu", "postgresCpuMs", "p50Ms"];
  const show = (value: unknown) => {
    const [median, least, most] = (value as number[]).map((figure) => String(Number(figure.toPrecision(3))));
    return `${median} (${least} to ${most})`;
  };
  return table([["", ...columns], ...summary.map((row) => [row.name, ...columns.map((column) => show(row[column]))])]);
}
