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

async function runUntilKilled(failpoint: string, id: string, failing = ""): Promise<void> {
  const script = new URL("./crashing-process.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [script, env.url, id, failing], {
    env: { ...process.env, KONTOR_FAILPOINT: failpoint },
    stdio: "inherit",
  });
  const [, signal] = await once(child, "exit");
  expect(signal).toBe("SIGKILL");
}

async function resume(id: string, phase: string, failing = ""): Promise<string[]> {
  const engine = env.engine([abcd({ pivot: "d" })], remoteInDatabase(env.db, id, failing));
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
    await runUntilKilled("saga.after-undo.b", "killed-undo", "run c");
    expect(await resume("killed-undo", "compensated", "run c")).toEqual([
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
});
