import { chownSync, existsSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { openDataFolder } from "./data-folder.ts";

describe("the folder of the data", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "kontor-data-"));
  });

  it("is created with the folders above it", () => {
    openDataFolder(join(folder, "a", "b"));
    expect(existsSync(join(folder, "a", "b"))).toBe(true);
  });

  it("is refused when it is a file, or below one", () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    expect(() => openDataFolder(file)).toThrow(
      `${file} cannot hold the shop's data: it, or a folder above it, is a file.`,
    );
    expect(() => openDataFolder(join(file, "data"))).toThrow("it, or a folder above it, is a file");
  });

  it("is refused when its link is broken, and when its name is too long", () => {
    const link = join(folder, "link");
    symlinkSync(join(folder, "missing", "deep"), link);
    expect(() => openDataFolder(link)).toThrow("cannot hold the shop's data");
    expect(() => openDataFolder(join(folder, "x".repeat(300)))).toThrow("a name in it is too long");
  });

  it.skipIf(process.getuid?.() !== 0)(
    "is refused when PostgreSQL's data belongs to another user (skipped unless root)",
    () => {
      mkdirSync(join(folder, "postgres"));
      chownSync(join(folder, "postgres"), 12_345, 12_345);
      expect(() => openDataFolder(folder)).toThrow(
        /belongs to the user 12345, and PostgreSQL would run as the user \d+\./,
      );
    },
  );

  it("is refused where nothing can be created", () => {
    expect(() => openDataFolder("/proc/kontor")).toThrow("Choose another folder: npm start -- --data DIR");
  });
});
