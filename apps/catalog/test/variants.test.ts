import { ProductOrder, QuoteProblem } from "@kontor/shop/contracts/catalog/v1/catalog_service";
import { ProductStatus } from "@kontor/shop/contracts/catalog/v1/product";
import { eventually } from "@kontor/testing";
import { afterAll, describe, expect, it } from "vitest";
import { aProduct, startShop } from "./shop.ts";

const shop = await startShop();
const { catalog, staff, db } = shop;
afterAll(() => shop.stop());

const price = (minor: number) => ({ currency: "EUR", minor: BigInt(minor) });
const refused = (reason: string) => expect.objectContaining({ reason });

async function sellShirt(): Promise<string> {
  const { id } = aProduct();
  const variants = ["S", "M"].map((size, n) => {
    return { sku: `${id}-${size}`, optionValues: { size }, price: price(1_000 + n) };
  });
  return shop.sell({ ...aProduct({ id, title: "Shirt" }), options: ["size"], variants });
}

async function skusOf(productId: string): Promise<string[]> {
  const { product } = await catalog.getProduct({ productId });
  return product?.variants.map(({ sku }) => sku.slice(productId.length + 1)) ?? [];
}

describe("the variants of a product on sale", () => {
  it("can be added, moved, archived and restored", async () => {
    const productId = await sellShirt();
    const variant = { sku: `${productId}-L`, optionValues: { size: "L" }, price: price(1_200), weightGrams: 200 };
    await catalog.addVariant({ productId, variant }, staff);
    const again = await catalog.addVariant({ productId, variant }, staff);
    expect(again.product?.version).toBe(3);
    expect(await skusOf(productId)).toEqual(["S", "M", "L"]);
    await catalog.moveVariant({ productId, sku: variant.sku, position: 1 }, staff);
    expect(await skusOf(productId)).toEqual(["L", "S", "M"]);
    const { product } = await catalog.archiveVariant({ productId, sku: `${productId}-S` }, staff);
    expect(product?.variants.map(({ archived }) => archived)).toEqual([false, true, false]);
    expect(await skusOf(productId)).toEqual(["L", "M"]);
    await catalog.restoreVariant({ productId, sku: `${productId}-S` }, staff);
    expect(await skusOf(productId)).toEqual(["L", "S", "M"]);
  });

  it("change in the fields that are named only", async () => {
    const productId = await sellShirt();
    const sku = `${productId}-S`;
    const update = async (variant: object, ...paths: string[]) => {
      const request = { productId, variant: { sku, ...variant }, ...(paths.length > 0 && { updateMask: { paths } }) };
      return (await catalog.updateVariant(request, staff)).product?.variants[0];
    };
    expect(await update({ title: "Small", weightGrams: 5 }, "title")).toMatchObject({ title: "Small", weightGrams: 0 });
    expect(await update({ weightGrams: 7 })).toMatchObject({ title: "Small", weightGrams: 7, price: price(1_000) });
    expect(await update({ price: { minor: 900n }, archived: true }, "price.minor")).toMatchObject({
      price: price(900),
      archived: false,
    });
    await expect(update({ archived: true }, "archived")).rejects.toMatchObject({
      violations: [{ field: "variant.archived", code: "NOT_CHANGEABLE" }],
    });
    expect(await update({ optionValues: { size: "XS" } }, "option_values")).toMatchObject({ title: "Small" });
    expect(await update({}, "title", "weight_grams")).toMatchObject({ title: "Shirt", weightGrams: 0 });
    await expect(update({}, "colour")).rejects.toMatchObject({
      violations: [{ field: "updateMask", code: "NOT_A_FIELD", params: { path: "colour" } }],
    });
    await expect(update({}, "price")).rejects.toMatchObject({ violations: [{ field: "variant.price" }] });
    await expect(update({ price: { currency: "USD", minor: 1n } }, "price")).rejects.toMatchObject({
      violations: [{ field: "variant.price.currency" }],
    });
  });

  it("are refused if two are equal or one belongs to another product", async () => {
    const [productId, other] = [await sellShirt(), await sellShirt()];
    const variant = { sku: `${other}-S`, optionValues: { size: "L" }, price: price(1) };
    await expect(catalog.addVariant({ productId, variant }, staff)).rejects.toEqual(refused("SKU_TAKEN"));
    const twin = { ...variant, sku: `${productId}-x`, optionValues: { size: "S" } };
    await expect(catalog.addVariant({ productId, variant: twin }, staff)).rejects.toEqual(refused("VARIANT_EXISTS"));
    const fields = (...names: string[]) => ({ violations: names.map((name) => ({ field: `variant.${name}` })) });
    const add = (variant: object) => catalog.addVariant({ productId, variant }, staff);
    await expect(add({ sku: "a b" })).rejects.toMatchObject(fields("sku", "price"));
    const foreign = { sku: "a", optionValues: { colour: "red" }, price: { currency: "USD", minor: 1n } };
    await expect(add(foreign)).rejects.toMatchObject(
      fields("optionValues.colour", "optionValues.size", "price.currency"),
    );
    await expect(catalog.addVariant({ productId, variant })).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });

  it("cannot be ordered or found once they are archived", async () => {
    const productId = await sellShirt();
    const sku = `${productId}-S`;
    const problem = async (wanted: string) => {
      return (await catalog.quoteItems({ items: [{ productId, sku: wanted }] })).items[0]?.problem;
    };
    const found = async () => {
      const { hits } = await catalog.searchProducts({ q: "shirt", maxPrice: 1_000n, pageSize: 100 });
      return hits.map((hit) => hit.productId);
    };
    await eventually(async () => expect(await found()).toContain(productId));
    await catalog.archiveVariant({ productId, sku }, staff);
    expect(await problem(sku)).toBe(QuoteProblem.UNKNOWN_SKU);
    expect(await problem("")).toBe(QuoteProblem.UNSPECIFIED);
    await expect(catalog.archiveVariant({ productId, sku: `${productId}-M` }, staff)).rejects.toEqual(
      refused("LAST_VARIANT"),
    );
    await eventually(async () => expect(await found()).not.toContain(productId));
  });

  it("lose no change when many come at once", async () => {
    const productId = await sellShirt();
    const sizes = ["L", "XL", "XXL", "3XL"];
    const variants = sizes.map((size) => ({ sku: `${productId}-${size}`, optionValues: { size }, price: price(1) }));
    await Promise.all([
      ...variants.map((variant) => catalog.addVariant({ productId, variant }, staff)),
      ...["S", "M"].map((size) => catalog.moveVariant({ productId, sku: `${productId}-${size}`, position: 2 }, staff)),
    ]);
    expect((await skusOf(productId)).toSorted()).toEqual([...sizes, "S", "M"].toSorted());
    const rows = await db.query("SELECT position FROM variants WHERE product_id = $1 ORDER BY position", [productId]);
    expect(rows.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe("staff lists products", () => {
  it("in any state, by state, category and text, page by page", async () => {
    await catalog.createCategory({ category: { id: "any", name: "Any", parentId: "kitchen" } }, staff);
    const make = async (id: string) => {
      await catalog.createProduct({ product: { ...aProduct({ id, title: `Any ${id}` }), categoryId: "any" } }, staff);
      return id;
    };
    const ids = [await make("any-draft"), await make("any-sale"), await make("any-gone")];
    for (const productId of ids.slice(1)) await catalog.publishProduct({ productId }, staff);
    await catalog.archiveProduct({ productId: "any-gone" }, staff);
    const listed = async (query: object) => {
      const { products } = await catalog.listAnyProducts({ pageSize: 100, ...query }, staff);
      return products.map(({ id }) => id);
    };
    expect(await listed({ categoryId: "kitchen", q: "ANY-" })).toEqual(["any-draft", "any-gone", "any-sale"]);
    expect(await listed({ categoryId: "any", orderBy: ProductOrder.LAST_CHANGED })).toEqual(ids.toReversed());
    expect(await listed({ categoryId: "any", status: ProductStatus.DRAFT })).toEqual(["any-draft"]);
    expect(await listed({ categoryId: "any", status: ProductStatus.ARCHIVED })).toEqual(["any-gone"]);
    expect(await listed({ q: "Y ANY-SAL" })).toEqual(["any-sale"]);
    for (const orderBy of [ProductOrder.UNSPECIFIED, ProductOrder.LAST_CHANGED]) {
      const query = { categoryId: "any", orderBy, pageSize: 2 };
      const first = await catalog.listAnyProducts(query, staff);
      const pageToken = first.nextPageToken ?? "";
      const second = await catalog.listAnyProducts({ ...query, pageToken }, staff);
      expect([...first.products, ...second.products].map(({ id }) => id)).toEqual(
        await listed({ categoryId: "any", orderBy }),
      );
      const other = catalog.listAnyProducts({ ...query, status: ProductStatus.DRAFT, pageToken }, staff);
      await expect(other).rejects.toMatchObject({ violations: [{ field: "pageToken" }] });
    }
    await expect(catalog.listAnyProducts({}, shop.customer)).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
  });
});

describe("a category", () => {
  const create = (id: string, parentId = "") =>
    catalog.createCategory({ category: { id, name: `Name of ${id}`, parentId } }, staff);
  const update = async (category: object, ...paths: string[]) =>
    (await catalog.updateCategory({ category, ...(paths.length > 0 && { updateMask: { paths } }) }, staff)).category;

  it("can be renamed and moved with all below it", async () => {
    for (const [id, parentId] of [["a"], ["b", "a"], ["c", "b"], ["d"]] as const) await create(id, parentId);
    const id = await shop.sell({ ...aProduct({ title: "Moved" }), categoryId: "c" });
    await eventually(async () => expect((await catalog.searchProducts({ q: "moved", categoryId: "a" })).total).toBe(1));
    expect(await update({ id: "b", name: "Bee", parentId: "d" }, "name")).toMatchObject({ name: "Bee", parentId: "a" });
    expect(await update({ id: "b", parentId: "d" })).toMatchObject({ name: "Bee", parentId: "d" });
    const inCategory = async (categoryId: string) => {
      const { products } = await catalog.listProducts({ categoryId });
      const { total, categories } = await catalog.searchProducts({ q: "moved", categoryId });
      expect(categories.map((one) => one.categoryId).toSorted()).toEqual(["b", "c", "d"]);
      expect(total).toBe(products.length);
      return products.map((product) => product.id);
    };
    expect([await inCategory("a"), await inCategory("d"), await inCategory("b")]).toEqual([[], [id], [id]]);
    expect((await update({ id: "b" }, "parent_id"))?.parentId).toBeUndefined();
    const paths = await db.query("SELECT path FROM categories WHERE id IN ('b', 'c') ORDER BY id");
    expect(paths).toEqual([{ path: ["b"] }, { path: ["b", "c"] }]);
    const changes = await db.query("SELECT type FROM outbox WHERE key = 'b' ORDER BY seq");
    expect(changes.map(({ type }) => type)).toEqual([
      "shop.catalog.v1.CategoryCreated",
      ...Array(3).fill("shop.catalog.v1.CategoryChanged"),
    ]);
  });

  it("is never below itself, also when two move at the same time", async () => {
    for (const [id, parentId] of [["e"], ["f", "e"], ["g"], ["h"]] as const) await create(id, parentId);
    await expect(update({ id: "e", parentId: "f" })).rejects.toEqual(refused("CATEGORY_CYCLE"));
    await expect(update({ id: "e", parentId: "e" })).rejects.toEqual(refused("CATEGORY_CYCLE"));
    await expect(update({ id: "e", parentId: "nowhere" })).rejects.toEqual(refused("CATEGORY_NOT_FOUND"));
    await expect(update({ id: "nowhere", name: "X" })).rejects.toEqual(refused("CATEGORY_NOT_FOUND"));
    const moves = await Promise.allSettled([update({ id: "g", parentId: "h" }), update({ id: "h", parentId: "g" })]);
    expect(moves.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  });

  it("can be archived when nothing in it is on sale, and restored", async () => {
    for (const [id, parentId] of [["i"], ["j", "i"]] as const) await create(id, parentId);
    const productId = await shop.sell({ ...aProduct(), categoryId: "j" });
    const archive = (categoryId: string) => catalog.archiveCategory({ categoryId }, staff);
    await expect(archive("i")).rejects.toEqual(refused("CATEGORY_IN_USE"));
    await expect(archive("j")).rejects.toEqual(refused("CATEGORY_IN_USE"));
    await catalog.archiveProduct({ productId }, staff);
    await archive("j");
    expect((await archive("j")).category).toMatchObject({ archived: true });
    await archive("i");
    const archived = expect.arrayContaining([expect.objectContaining({ id: "j" })]);
    expect((await catalog.listCategories({})).categories).not.toEqual(archived);
    expect((await catalog.listAnyCategories({}, staff)).categories).toEqual(archived);
    await expect(catalog.publishProduct({ productId }, staff)).rejects.toEqual(refused("CATEGORY_ARCHIVED"));
    await expect(create("k", "j")).rejects.toEqual(refused("CATEGORY_ARCHIVED"));
    await expect(catalog.restoreCategory({ categoryId: "j" }, staff)).rejects.toEqual(refused("CATEGORY_ARCHIVED"));
    for (const categoryId of ["i", "j"]) await catalog.restoreCategory({ categoryId }, staff);
    await catalog.publishProduct({ productId }, staff);
    await expect(catalog.archiveCategory({ categoryId: "i" })).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });
});
