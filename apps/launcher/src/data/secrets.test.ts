import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { secrets } from "./secrets.ts";

describe("the secrets of an installation", () => {
  let dataDir: string;
  let file: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "kontor-secrets-"));
    file = join(dataDir, "secrets.json");
  });

  it("are the same after restarts, readable by their owner only", () => {
    const first = secrets(dataDir);
    expect(secrets(dataDir)).toEqual(first);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it("get a password for a database that was added later, and keep all others", () => {
    const { databases, ...rest } = secrets(dataDir);
    const { notifications, ...known } = databases;
    writeFileSync(file, JSON.stringify({ ...rest, databases: known }));
    const after = secrets(dataDir);
    expect(after).toMatchObject({ ...rest, databases: known });
    expect(after.databases.notifications).toMatch(/^[\w-]{24}$/);
    expect(after.databases.notifications).not.toBe(notifications);
    expect(secrets(dataDir)).toEqual(after);
  });

  it("keep the password of a service that no longer exists", () => {
    const all = secrets(dataDir);
    writeFileSync(file, JSON.stringify({ ...all, databases: { ...all.databases, reviews: "kept" } }));
    secrets(dataDir);
    expect(JSON.parse(readFileSync(file, "utf8")).databases.reviews).toBe("kept");
  });

  it("are never replaced because their file is damaged", () => {
    writeFileSync(file, '{"postgres": "a');
    expect(() => secrets(dataDir)).toThrow(`${file} cannot be read`);
    expect(readFileSync(file, "utf8")).toBe('{"postgres": "a');
  });
});
