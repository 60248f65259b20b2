import { relative } from "node:path";
import { expect, it } from "vitest";
import { typedStatements } from "./typed-statements.ts";

it("the types of all SQL statements fit schema.prisma and the migrated databases", async () => {
  const { files, failures } = await typedStatements();
  const outdated = files.filter(({ current }) => !current);
  expect(failures).toEqual([]);
  expect(outdated.map(({ file }) => relative(process.cwd(), file))).toEqual([]);
}, 120_000);
