import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { cachedNatsServer, findNatsServer } from "../../../scripts/bootstrap/find-nats-server.mjs";
import { temporaryFolder } from "./temporary-folder.ts";

describe("finding a nats-server", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await temporaryFolder("find-nats");
  });

  it("takes the one that KONTOR_NATS_SERVER names", async () => {
    const path = await aServer("named/nats-server", "v2.14.0");
    expect(findNatsServer({ KONTOR_NATS_SERVER: path, PATH: "" }).path).toBe(path);
  });

  it("refuses to pass over a named one that is too old", async () => {
    const path = await aServer("named/nats-server", "v2.9.10");
    expect(() => findNatsServer({ KONTOR_NATS_SERVER: path })).toThrow(/2\.9\.10 is too old: 2\.12\.7 or newer/);
  });

  it("reports that the one in PATH is too old and uses the cached one", async () => {
    const old = await aServer("bin/nats-server", "v2.9.10");
    const env = { PATH: dirname(old), KONTOR_CACHE: join(folder, "cache") };
    const cached = await aServer(cachedNatsServer(env).slice(folder.length + 1), "v2.15.2");
    expect(findNatsServer(env)).toEqual({
      path: cached,
      rejected: [expect.stringContaining(`${old}: its version 2.9.10 is too old`)],
    });
  });

  it("finds none where there is none", () => {
    expect(findNatsServer({ PATH: folder, KONTOR_CACHE: folder }).path).toBeUndefined();
  });

  async function aServer(path: string, version: string): Promise<string> {
    const program = join(folder, path);
    await mkdir(dirname(program), { recursive: true });
    await writeFile(program, `#!/bin/sh\necho nats-server: ${version}\n`);
    await chmod(program, 0o755);
    return program;
  }
});
