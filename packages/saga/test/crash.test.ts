import { spawn } from "node:child_process";
import { once } from "node:events";
import { eventually, rowsOf } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Environment, openEnvironment } from "./environment.ts";
import { remoteInDatabase } from "./remote-in-database.ts";
import { abcd } from "./sample-saga.ts";

let env: Environment;
beforeAll(async () => {
  env = await openEnvironment();
});
afterAll(() => env.close());

interface Run {
  readonly failing?: string;
  readonly chained?: boolean;
}

async function runUntilKilled(failpoint: string, id: string, { failing = "", chained }: Run = {}): Promise<void> {
  const script = new URL("./crashing-process.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [script, env.url, id, failing, chained ? "chained" : ""], {
    env: { ...process.env, KONTOR_FAILPOINT: failpoint },
    stdio: "inherit",
  });
  const [, signal] = await once(child, "exit");
  expect(signal).toBe("SIGKILL");
}

async function resume(id: string, phase: string, { failing = "", chained = false }: Run = {}): Promise<string[]> {
  const engine = env.engine([abcd({ pivot: "d", chained })], remoteInDatabase(env.db, id, failing));
  await eventually(async () => expect(await env.row(id)).toMatchObject({ phase }));
  await engine.stop();
  const rows = await rowsOf<{ fact: string }>(env.db, "SELECT fact FROM facts WHERE saga = $1 ORDER BY at", [id]);
  return rows.map(({ fact }) => fact);
}

describe("a process killed in the middle of a saga", () => {
  it("after a step had its effect but before that was stored: the step runs again", async () => {
    await runUntilKilled("saga.after-run.b", "killed-run");
    expect(await resume("killed-run", "completed")).toEqual(["run a", "run b", "run b", "run c", "run d", "completed"]);
  });

  it("in the pivot: the saga goes forward", async () => {
    await runUntilKilled("saga.after-run.d", "killed-pivot");
    expect((await resume("killed-pivot", "completed")).at(-1)).toBe("completed");
  });

  it("in the middle of the compensation: the undo runs again, and the rest follows", async () => {
    await runUntilKilled("saga.after-undo.b", "killed-undo", { failing: "run c" });
    expect(await resume("killed-undo", "compensated", { failing: "run c" })).toEqual([
      "run a",
      "run b",
      "run c",
      "undo c",
      "undo b",
      "undo b",
      "undo a",
      "compensated REFUSED",
    ]);
  });

  it("after a flight was stored, or during it: the saga continues from its stored state", async () => {
    await runUntilKilled("saga.transitions-stored", "killed-in-flight");
    expect(await resume("killed-in-flight", "completed")).toEqual(
      ["run a", "run a", "run b", "run c", "run d", "completed"], // The flight was rolled back, with its record.
    );
    await runUntilKilled("saga.flight-stored:2", "killed-between-flights");
    expect(await resume("killed-between-flights", "completed")).toEqual(
      ["run a", "run b", "run c", "run d", "completed"], //
    );
  });
});

describe("a process killed between steps that are stored together", () => {
  const chained = true;

  it("runs all of them again, and records each once", async () => {
    await runUntilKilled("saga.after-run.c", "chain-run", { chained });
    expect(await env.row("chain-run")).toMatchObject({ step: 0 });
    expect(await resume("chain-run", "completed", { chained })).toEqual(
      ["run a", "run b", "run c", "run a", "run b", "run c", "run d", "completed"], //
    );
    expect((await env.history("chain-run")).filter((line) => line.endsWith(" done"))).toHaveLength(4);
  });

  it("leads to the undo of all that may have run, though the row is at the first", async () => {
    await runUntilKilled("saga.after-run.b", "chain-abort", { chained });
    await env.db.query("UPDATE sagas SET abort_reason = 'CHANGED' WHERE id = 'chain-abort'");
    expect(await resume("chain-abort", "compensated", { chained })).toEqual(
      ["run a", "run b", "undo c", "undo b", "undo a", "compensated CHANGED"], //
    );
  });

  it("leads to the undo of all that may have run when the first is refused after the crash", async () => {
    await runUntilKilled("saga.after-run.b", "chain-refused", { chained });
    expect(await resume("chain-refused", "compensated", { chained, failing: "run a" })).toEqual(
      ["run a", "run b", "run a", "undo c", "undo b", "undo a", "compensated REFUSED"], //
    );
  });
});
