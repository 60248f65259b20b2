import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { childEnvironment, eventually, startPostgres } from "@kontor/testing";
import { afterAll, afterEach, describe, expect, it } from "vitest";

type Line = Readonly<Record<string, unknown>>;

const postgres = await startPostgres();
afterAll(() => postgres.stop());

const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill("SIGKILL");
});

function run(main: string, environment: Record<string, string>) {
  const child = spawn(process.execPath, [new URL(`../test/${main}`, import.meta.url).pathname], {
    env: childEnvironment({ METRICS_PORT: "0", GRPC_PORT: "0", ...environment }),
    stdio: ["pipe", "pipe", "inherit"],
  });
  running.add(child);
  const lines: Line[] = [];
  const ready = Promise.withResolvers<void>();
  createInterface({ input: child.stdout }).on("line", (text) => {
    const line: Line = JSON.parse(text);
    lines.push(line);
    if (line.msg === "process ready") ready.resolve();
  });
  const exited = once(child, "close").then(([code]) => {
    running.delete(child);
    ready.reject(new Error(`It exited with ${code}: ${JSON.stringify(lines)}`));
    return code as number | null;
  });
  ready.promise.catch(() => {});
  return { child, lines, ready: ready.promise, exited };
}

const service = async () => ({
  DATABASE_URL: (await postgres.createDatabase("process")).url,
  NATS_URL: "nats://127.0.0.1:1",
});

describe("a process", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("stops and exits with 0 on %s", async (signal) => {
    const { child, ready, exited } = run("stock-main.ts", await service());
    await ready;
    child.kill(signal);
    expect(await exited).toBe(0);
  });

  it("exits with 0 on SIGTERM while it waits for its database", async () => {
    const { child, lines, exited } = run("stock-main.ts", {
      ...(await service()),
      DATABASE_URL: "postgres://a@127.0.0.1:1/b",
    });
    await eventually(() =>
      expect(lines).toContainEqual(expect.objectContaining({ msg: "process start failed; retrying" })),
    );
    child.kill("SIGTERM");
    expect(await exited).toBe(0);
  });

  it("stops when its parent ends, if so configured", async () => {
    const { child, ready, exited } = run("stock-main.ts", { ...(await service()), KONTOR_EXIT_WITH_PARENT: "1" });
    await ready;
    child.stdin?.end();
    expect(await exited).toBe(0);
  });

  it("is cut off with 1 when its grace is over", async () => {
    const { child, lines, ready, exited } = run("stubborn-main.ts", { KONTOR_GRACE_MS: "200" });
    await ready;
    child.kill("SIGTERM");
    expect(await exited).toBe(1);
    expect(lines.at(-1)).toMatchObject({ level: "fatal", msg: "process stop timed out" });
  });

  it("exits with 1 on an uncaught error, and logs it", async () => {
    const { lines, exited } = run("stubborn-main.ts", { FAIL: "1" });
    expect(await exited).toBe(1);
    expect(lines).toContainEqual(expect.objectContaining({ level: "fatal", msg: "uncaught error" }));
  });

  it("reports all faults of its configuration at once, and exits with 1", async () => {
    const { lines, exited } = run("stock-main.ts", { GRPC_PORT: "many", RPC_RETRIES: "perhaps" });
    expect(await exited).toBe(1);
    const text = JSON.stringify(lines);
    for (const name of ["GRPC_PORT", "DATABASE_URL", "RPC_RETRIES"]) expect(text).toContain(name);
  });
});
