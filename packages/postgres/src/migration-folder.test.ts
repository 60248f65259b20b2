import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readMigrations } from "./migration-folder.ts";

let folders: readonly [string, string];

async function add(folder: string, name: string, sql: string): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, name, "migration.sql"), sql);
}

beforeEach(async () => {
  folders = [await mkdtemp(join(tmpdir(), "kontor-own-")), await mkdtemp(join(tmpdir(), "kontor-package-"))];
  await add(folders[0], "1_init", "SELECT 1");
  await add(folders[0], "3_later", "SELECT 3");
  await add(folders[1], "2_package", "SELECT 2");
});
afterEach(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

it("migrations of several folders are one sequence, in the order of their names", async () => {
  expect((await readMigrations(folders)).map(({ name }) => name)).toEqual(["1_init", "2_package", "3_later"]);
});

it("two migrations of one name are refused", async () => {
  await add(folders[1], "1_init", "SELECT 10");
  await expect(readMigrations(folders)).rejects.toThrow("Two folders have a migration 1_init.");
});

it("a copy of a package's migration next to the original is refused, under any name", async () => {
  await add(folders[0], "4_copy", "SELECT 2");
  await expect(readMigrations(folders)).rejects.toThrow("Migrations 2_package and 4_copy have the same SQL.");
});

it("a migration that replaces one of a package leaves that out, without a change of its own checksum", async () => {
  const before = await readMigrations(folders);
  await writeFile(join(folders[0], "3_later", "replaces"), "2_package\n");
  const after = await readMigrations(folders);
  expect(after.map(({ name }) => name)).toEqual(["1_init", "3_later"]);
  expect(after.at(-1)?.checksum).toBe(before.at(-1)?.checksum);
});

it("a folder that does not exist is refused", async () => {
  await expect(readMigrations([...folders, "/nowhere"])).rejects.toThrow("/nowhere");
});
