import { relative } from "node:path";
import { expect, it } from "vitest";
import { typedStatements } from "./typed-statements.ts";

// A retry would collect no statement: the modules are imported by then.
it("the types of all SQL statements fit schema.prisma and the migrated databases", {
  timeout: 120_000,
  retry: 0,
}, async () => {
  const { files, failures } = await typedStatements();
  const outdated = files.filter(({ current }) => !current);
  expect(failures).toEqual([]);
  expect(outdated.map(({ file }) => relative(process.cwd(), file))).toEqual([]);
});
