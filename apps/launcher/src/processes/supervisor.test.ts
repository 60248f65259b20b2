import { spawn } from "node:child_process";
import { once } from "node:events";
import { howEnded } from "@kontor/servers";
import { eventually } from "@kontor/testing";
import { expect, it } from "vitest";
import type { Component } from "./component.ts";
import { createSupervisor, type Supervisor } from "./supervisor.ts";

it("restarts a process that ends on its own, and no other", async () => {
  const supervisor = createSupervisor();
  await supervisor.start(sleeper("a"));
  await supervisor.start(sleeper("b"));
  const { a = 0, b } = supervisor.pids();
  process.kill(a, "SIGKILL");
  await eventually(() => expect(supervisor.pids().a).not.toBe(a));
  expect(supervisor.pids().b).toBe(b);
  await supervisor.stopAll();
});

it("names the running processes, before, during and after a restart", async () => {
  const seen: string[][] = [];
  const supervisor: Supervisor = createSupervisor(() => seen.push(Object.keys(supervisor.pids())));
  await supervisor.start(sleeper("a"));
  await supervisor.start(sleeper("b"));
  process.kill(supervisor.pids().a ?? 0, "SIGKILL");
  await eventually(() => expect(seen).toEqual([["a"], ["a", "b"], ["b"], ["a", "b"]]));
  await supervisor.stopAll();
});

it("stops the last started first and starts nothing again", async () => {
  const ended: string[] = [];
  const supervisor = createSupervisor();
  for (const name of ["first", "second", "third"]) await supervisor.start(sleeper(name, () => ended.push(name)));
  await Promise.all([supervisor.stopAll(), supervisor.stopAll()]);
  expect(ended).toEqual(["third", "second", "first"]);
});

it("tries again when the first start fails", async () => {
  const supervisor = createSupervisor();
  const component = sleeper("a");
  let failures = 1;
  const start = () => (failures-- > 0 ? Promise.reject(new Error("the port is taken")) : component.start());
  await supervisor.start({ ...component, start });
  expect(supervisor.pids().a).toBeGreaterThan(0);
  await supervisor.stopAll();
});

function sleeper(name: string, onEnd: () => void = () => {}): Component {
  return {
    name,
    lastWords: () => "",
    start: async () => {
      const child = spawn("sleep", ["60"], { stdio: "ignore" });
      await once(child, "spawn");
      const ended = howEnded(child).then((how) => {
        onEnd();
        return how;
      });
      const stop = async (signal: NodeJS.Signals = "SIGTERM") => {
        child.kill(signal);
        await ended;
      };
      return { pid: child.pid ?? 0, ended, stop };
    },
  };
}
