import { violation } from "@kontor/errors";
import type { Category } from "../domain/category.ts";
import { check, validate } from "../domain/checks.ts";
import type { Categories } from "../ports.ts";

/** Adds a category. The same one again changes nothing. */
export function createCategory({ categories }: { categories: Pick<Categories, "create"> }) {
  return ({ id, name, parentId }: Omit<Category, "archived">): Promise<Category> => {
    validate(check(parentId === "" || parentId !== id, violation("category.parentId", "DUPLICATE")));
    return categories.create({ id, name, parentId, archived: false });
  };
}
