import { relative } from "node:path";
import { expect, it } from "vitest";
import { typedStatements } from "./typed-statements.ts";

it("the types of all SQL statements fit schema.prisma and the migrated databases", async () => {
  const outdated = (await typedStatements()).filter(({ current }) => !current);
  expect(outdated.map(({ file }) => relative(process.cwd(), file))).toEqual([]);
}, 120_000);
