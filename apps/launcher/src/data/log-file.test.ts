import { closeSync, existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { OLD_LOGS, openLog, rotateLarge } from "./log-file.ts";

it("bounds the logs of a process that keeps its log open, in size and in number", () => {
  const folder = mkdtempSync(join(tmpdir(), "kontor-logs-"));
  const path = join(folder, "orders.log");
  const log = openLog(path);
  for (let round = 1; round <= OLD_LOGS + 3; round += 1) {
    writeSync(log, `${"x".repeat(1_000)} ${round}\n`);
    rotateLarge(folder, 500);
    writeSync(log, `after ${round}\n`);
    expect(statSync(path).size).toBeLessThan(500);
  }
  closeSync(log);
  expect(readdirSync(folder).sort()).toEqual(["orders.log", "orders.log.1", "orders.log.2"]);
  expect(readFileSync(`${path}.1`, "utf8")).toMatch(/^after 4\nx+ 5\n$/);
  expect(readFileSync(`${path}.2`, "utf8")).toMatch(/^after 3\nx+ 4\n$/);
});

it("leaves small logs alone", () => {
  const folder = mkdtempSync(join(tmpdir(), "kontor-logs-"));
  const log = openLog(join(folder, "orders.log"));
  writeSync(log, "one line\n");
  rotateLarge(folder, 500);
  closeSync(log);
  expect(existsSync(join(folder, "orders.log.1"))).toBe(false);
});
