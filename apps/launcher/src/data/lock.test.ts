import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { lock } from "./lock.ts";

describe("the lock on the data", () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "kontor-lock-"));
  });

  it("is free again once it was given back", () => {
    lock(dataDir)();
    lock(dataDir)();
    expect(existsSync(join(dataDir, "launcher.pid"))).toBe(false);
  });

  it("is taken over from a launcher that has ended", () => {
    writeFileSync(join(dataDir, "launcher.pid"), "999999999");
    expect(() => lock(dataDir)).not.toThrow();
  });

  it("is taken over when the process id belongs to something else now", () => {
    writeFileSync(join(dataDir, "launcher.pid"), String(process.ppid));
    expect(() => lock(dataDir)).not.toThrow();
  });

  it("is refused while its launcher runs", async () => {
    const launcher = spawn("sh", ["-c", "read line; : apps/launcher/src/main.ts"]);
    await once(launcher, "spawn");
    try {
      writeFileSync(join(dataDir, "launcher.pid"), String(launcher.pid));
      expect(() => lock(dataDir)).toThrow(`process ${launcher.pid}`);
    } finally {
      launcher.kill();
    }
  });
});
