import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Edit } from "../src/scaffold/edit.ts";

/** The folder of the repository. */
export const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Applies edits to texts that are not written to disk. */
export function applied(
  edits: readonly Edit[],
  before: ReadonlyMap<string, string>,
  way: "add" | "remove",
): Map<string, string> {
  const texts = new Map(before);
  for (const edit of edits)
    texts.set(edit.file, edit[way](texts.get(edit.file) ?? readFileSync(join(root, edit.file), "utf8")));
  return texts;
}
