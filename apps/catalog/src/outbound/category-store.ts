import { event, outbox } from "@kontor/messaging";
import type { Database, RowOf, Tx } from "@kontor/postgres";
import { CategoryChangedSchema, CategoryCreatedSchema } from "@kontor/shop/contracts/catalog/v1/events";
import { categoryMessage } from "../contract/category-message.ts";
import { type Category, MAX_CATEGORIES } from "../domain/category.ts";
import { catalogErrors } from "../domain/errors.ts";
import { statement } from "../gen/statements.ts";
import type { Categories } from "../ports.ts";

type CategoryRow = RowOf<typeof LIST>;

const SELECT = `SELECT id, name, coalesce(parent_id, '') AS "parentId", path, archived FROM categories`;
const LIST = statement("categories.list", SELECT);
const FIND = statement("categories.find", `${SELECT} WHERE id = $1`, { prepared: false });
const COUNT = statement("categories.count", "SELECT count(*)::int FROM categories", { prepared: false });
const LOCK_ALL = statement("categories.lock-all", "LOCK TABLE categories IN SHARE ROW EXCLUSIVE MODE", {
  prepared: false,
});
const INSERT = statement(
  "categories.insert",
  "INSERT INTO categories (id, name, parent_id, path) VALUES ($1, $2, $3, $4)",
  { prepared: false },
);
const UPDATE = statement(
  "categories.update",
  "UPDATE categories SET name = $2, parent_id = $3, archived = $4 WHERE id = $1",
  { prepared: false },
);
// The path of a category and of all below it begins with the path of its parent.
const MOVE = statement(
  "categories.move",
  `UPDATE categories SET path = $2::text[] || path[array_position(path, $1):] WHERE path @> ARRAY[$1]`,
  { prepared: false },
);
// Waits for transactions that put a product on sale in it, and blocks others until the category is archived.
const LOCK = statement("categories.lock", "SELECT FROM categories WHERE id = $1 FOR UPDATE", { prepared: false });
const USED_BY = statement(
  "categories.used-by",
  `SELECT EXISTS (SELECT FROM categories WHERE parent_id = $1 AND NOT archived) AS categories,
    EXISTS (SELECT FROM products WHERE category_id = $1 AND status IN ('published', 'unlisted')) AS products`,
  { prepared: false },
);

/** Categories in PostgreSQL. One change at a time, so a parent is there before its children and no move makes a cycle. */
export function createCategoryStore(db: Database): Categories {
  const exclusively = <T>(work: (tx: Tx) => Promise<T>): Promise<T> =>
    db.transaction(async (tx) => {
      await tx.query(LOCK_ALL);
      return work(tx);
    });

  return {
    create: (category) =>
      exclusively(async (tx) => {
        const known = await find(tx, category.id);
        if (known === undefined) return insert(tx, category);
        if (known.name !== category.name || known.parentId !== category.parentId)
          throw catalogErrors.CATEGORY_EXISTS({ categoryId: category.id });
        return categoryOf(known);
      }),

    change: (categoryId, decide) =>
      exclusively(async (tx) => {
        const row = await existing(tx, categoryId);
        const before = categoryOf(row);
        const after = { ...before, ...decide(before) };
        const { name, parentId, archived } = after;
        const moved = parentId !== before.parentId;
        if (name === before.name && !moved && archived === before.archived) return before;
        if (moved || before.archived !== archived) {
          const path = await pathBelow(tx, parentId, archived);
          if (path.includes(categoryId)) throw catalogErrors.CATEGORY_CYCLE({ categoryId, parentId });
          if (moved) await tx.query(MOVE, [categoryId, path]);
        }
        if (archived && !before.archived) await assertUnused(tx, categoryId);
        await tx.query(UPDATE, [categoryId, name, parentId || null, archived]);
        const message = { category: categoryMessage(after) };
        await outbox.append(tx, [event(CategoryChangedSchema, message, { key: categoryId })]);
        return after;
      }),

    list: async () => (await db.reads.query(LIST)).map(categoryOf),
  };
}

function categoryOf({ id, name, parentId, archived }: CategoryRow): Category {
  return { id, name, parentId, archived };
}

async function find(tx: Tx, id: string): Promise<CategoryRow | undefined> {
  const [row] = await tx.query(FIND, [id]);
  return row;
}

async function existing(tx: Tx, categoryId: string): Promise<CategoryRow> {
  const row = await find(tx, categoryId);
  if (row === undefined) throw catalogErrors.CATEGORY_NOT_FOUND({ categoryId });
  return row;
}

/** The path to a child of the parent. An archived category may only have archived children. */
async function pathBelow(tx: Tx, parentId: string, archived: boolean): Promise<readonly string[]> {
  if (parentId === "") return [];
  const parent = await existing(tx, parentId);
  if (parent.archived && !archived) throw catalogErrors.CATEGORY_ARCHIVED({ categoryId: parentId });
  return parent.path;
}

async function assertUnused(tx: Tx, categoryId: string): Promise<void> {
  await tx.query(LOCK, [categoryId]);
  const [used] = await tx.query(USED_BY, [categoryId]);
  if (used?.categories) throw catalogErrors.CATEGORY_IN_USE({ categoryId, usedBy: "categories below it" });
  if (used?.products) throw catalogErrors.CATEGORY_IN_USE({ categoryId, usedBy: "products on sale" });
}

async function insert(tx: Tx, category: Category): Promise<Category> {
  const { id, name, parentId } = category;
  const [{ count } = { count: 0 }] = await tx.query(COUNT);
  if (count >= MAX_CATEGORIES) throw catalogErrors.TOO_MANY_CATEGORIES({ limit: MAX_CATEGORIES });
  const path = await pathBelow(tx, parentId, false);
  await tx.query(INSERT, [id, name, parentId || null, [...path, id]]);
  await outbox.append(tx, [event(CategoryCreatedSchema, { category: categoryMessage(category) }, { key: id })]);
  return category;
}
