import type { Category, CategoryEdit } from "../domain/category.ts";
import type { Categories } from "../ports.ts";

/** Renames, moves, archives and restores categories. The same again changes nothing. */
export function changeCategory({ categories }: { categories: Pick<Categories, "change"> }) {
  return {
    edit: (categoryId: string, editOf: (category: Category) => CategoryEdit): Promise<Category> =>
      categories.change(categoryId, editOf),
    archive: (categoryId: string): Promise<Category> => categories.change(categoryId, () => ({ archived: true })),
    restore: (categoryId: string): Promise<Category> => categories.change(categoryId, () => ({ archived: false })),
  };
}
