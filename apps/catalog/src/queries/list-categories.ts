import type { Category } from "../domain/category.ts";
import type { Categories } from "../ports.ts";

/** Compares as readers of most languages expect: accents and case matter least, numbers count as numbers. */
const byName = new Intl.Collator("und", { numeric: true });

/** Returns all categories by name, without archived ones unless requested. */
export function listCategories({ categories }: { readonly categories: Pick<Categories, "list"> }) {
  return async ({ archived = false } = {}): Promise<readonly Category[]> =>
    (await categories.list())
      .filter((category) => archived || !category.archived)
      .toSorted((a, b) => byName.compare(a.name, b.name) || (a.id < b.id ? -1 : 1));
}
