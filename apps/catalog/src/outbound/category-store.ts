import { CategoryCreatedSchema } from "@kontor/contracts/catalog/v1/events";
import { event, outbox } from "@kontor/messaging";
import type { Database, Tx } from "@kontor/postgres";
import { type Category, MAX_CATEGORIES } from "../domain/category.ts";
import { catalogErrors } from "../domain/errors.ts";
import type { Categories } from "../ports.ts";

type CategoryRow = Category & { readonly path: readonly string[] };

const SELECT = `SELECT id, name, coalesce(parent_id, '') AS "parentId", path FROM categories`;
const INSERT = "INSERT INTO categories (id, name, parent_id, path) VALUES ($1, $2, $3, $4)";

/** Categories in PostgreSQL. A parent is there before its children and nothing moves, so there are no cycles. */
export function createCategoryStore(db: Database): Categories {
  return {
    create: (category) =>
      db.transaction(async (tx) => {
        await tx.query("LOCK TABLE categories IN SHARE ROW EXCLUSIVE MODE");
        const known = await find(tx, category.id);
        if (known === undefined) await insert(tx, category);
        else if (known.name !== category.name || known.parentId !== category.parentId)
          throw catalogErrors.CATEGORY_EXISTS({ categoryId: category.id });
        return category;
      }),
    list: () => db.query<CategoryRow>(SELECT, [], { name: "categories.list" }),
  };
}

async function find(tx: Tx, id: string): Promise<CategoryRow | undefined> {
  const [row] = await tx.query<CategoryRow>(`${SELECT} WHERE id = $1`, [id]);
  return row;
}

async function insert(tx: Tx, category: Category): Promise<void> {
  const { id, name, parentId } = category;
  const [{ count } = { count: 0 }] = await tx.query<{ count: number }>("SELECT count(*)::int FROM categories");
  if (count >= MAX_CATEGORIES) throw catalogErrors.TOO_MANY_CATEGORIES({ limit: MAX_CATEGORIES });
  const parent = parentId === "" ? { path: [] } : await find(tx, parentId);
  if (parent === undefined) throw catalogErrors.CATEGORY_NOT_FOUND({ categoryId: parentId });
  await tx.query(INSERT, [id, name, parentId || null, [...parent.path, id]]);
  await outbox.append(tx, [event(CategoryCreatedSchema, { category }, { key: id })]);
}
