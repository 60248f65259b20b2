import type { Category } from "../domain/category.ts";
import type { Categories } from "../ports.ts";

/** Compares as readers of most languages expect: accents and case matter least, numbers count as numbers. */
const byName = new Intl.Collator("und", { numeric: true });

/** Returns all categories by name. */
export function listCategories({ categories }: { readonly categories: Pick<Categories, "list"> }) {
  return async (): Promise<readonly Category[]> =>
    (await categories.list()).toSorted((a, b) => byName.compare(a.name, b.name) || (a.id < b.id ? -1 : 1));
}
