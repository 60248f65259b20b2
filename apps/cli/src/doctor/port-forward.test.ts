import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { forwarded } from "./port-forward.ts";

describe("a forwarded port", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "kontor-forward-"));
    vi.stubEnv("PATH", `${folder}${delimiter}${process.env.PATH}`);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  const forward = (patienceMs?: number) =>
    forwarded(["port-forward", "pod/a", ":80"], async (port) => port, patienceMs);

  function kubectlThat(does: string): void {
    writeFileSync(join(folder, "kubectl"), `#!/bin/sh\n${does}\n`, { mode: 0o755 });
  }

  it("is the one that kubectl names", async () => {
    kubectlThat("echo 'Forwarding from 127.0.0.1:4711 -> 80'; exec sleep 60");
    expect(await forward()).toBe(4711);
  });

  it("is awaited for a limited time, and the error of kubectl is shown", async () => {
    kubectlThat("echo 'the tunnel hangs' >&2; exec sleep 60");
    await expect(forward(1_000)).rejects.toThrow(
      "kubectl port-forward pod/a :80 forwarded nothing within 1 s: the tunnel hangs",
    );
  });

  it("is not awaited once kubectl has ended", async () => {
    kubectlThat("echo 'pods \"a\" not found' >&2; exit 1");
    await expect(forward()).rejects.toThrow('kubectl port-forward pod/a :80: pods "a" not found');
  });
});
