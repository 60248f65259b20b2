import { money } from "@kontor/money";
import { createTestClock } from "@kontor/testing";
import { createMemoryDatabase } from "@kontor/testing/memory-database";
import { describe, expect, it } from "vitest";
import { createMemoryCatalog } from "../../test/memory-catalog.ts";
import type { ProposedProduct } from "../domain/check-product.ts";
import { listAnyProducts } from "../queries/list-any-products.ts";
import { listCategories } from "../queries/list-categories.ts";
import { listProducts } from "../queries/list-products.ts";
import { quoteItems } from "../queries/quote-items.ts";
import { archiveProduct } from "./archive-product.ts";
import { changeCategory } from "./change-category.ts";
import { changeVariants } from "./change-variants.ts";
import { createCategory } from "./create-category.ts";
import { createProduct } from "./create-product.ts";
import { publishProduct } from "./publish-product.ts";
import { setPrice } from "./set-price.ts";
import { updateProduct } from "./update-product.ts";

const reason = (name: string) => ({ reason: name });
const eur = (minor: bigint) => money("EUR", minor);
const aVariant = (sku: string, price = eur(1200n)) => ({ sku, title: "", optionValues: {}, price, weightGrams: 280 });
function aProposal(overrides: Partial<ProposedProduct> = {}): ProposedProduct {
  const texts = { title: "Enamel mug", description: "Steel.", categoryId: "mugs", mediaUrls: [] };
  return { ...texts, id: "P-1", options: [], variants: [aVariant("P-1")], ...overrides };
}

/** Creates the commands of the catalog over stores in memory, with the category `mugs` below `kitchen`. */
async function openCatalog() {
  const { now, advance } = createTestClock();
  const { categories, products, quotes, published } = createMemoryCatalog(createMemoryDatabase());
  const addCategory = createCategory({ categories });
  await addCategory({ id: "kitchen", name: "Kitchen", parentId: "" });
  await addCategory({ id: "mugs", name: "Mugs", parentId: "kitchen" });
  return {
    ...{ products, published, addCategory, advance },
    categories: changeCategory({ categories }),
    listCategories: listCategories({ categories }),
    create: createProduct({ products, now }),
    publish: publishProduct({ products, now, currencies: ["EUR"] }),
    archive: archiveProduct({ products, now }),
    update: updateProduct({ products, now }),
    setPrice: setPrice({ products, now }),
    variants: changeVariants({ products, now }),
    list: listProducts({ products }),
    listAny: listAnyProducts({ products }),
    quote: quoteItems({ quotes }),
  };
}

describe("creating a product", () => {
  it("makes a draft, the same one for the same content, with an id if it has none", async () => {
    const { create, publish } = await openCatalog();
    const draft = await create(aProposal());
    expect(draft).toMatchObject({ id: "P-1", status: "draft", version: 1, currency: "EUR" });
    await publish("P-1");
    expect(await create(aProposal())).toMatchObject({ status: "published", version: 2 });
    await expect(create(aProposal({ title: "Cup" }))).rejects.toMatchObject(reason("PRODUCT_EXISTS"));
    const { id } = await create(aProposal({ id: "", variants: [aVariant("P-2")] }));
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("is refused with prices in two currencies, and in a category that does not exist", async () => {
    const { create } = await openCatalog();
    const mixed = aProposal({ options: ["size"], variants: [aVariant("A"), aVariant("B", money("CHF", 1n))] });
    await expect(async () => create(mixed)).rejects.toMatchObject(reason("INVALID_REQUEST"));
    await expect(create(aProposal({ categoryId: "none" }))).rejects.toMatchObject(reason("CATEGORY_NOT_FOUND"));
  });
});

describe("putting a product on sale", () => {
  it("publishes it, listed or not, and archiving takes it off", async () => {
    const { create, publish, archive, list } = await openCatalog();
    await create(aProposal());
    await expect(archive("P-1")).rejects.toMatchObject(reason("PRODUCT_NOT_PUBLISHED"));
    expect(await publish("P-1", { unlisted: true })).toMatchObject({ status: "unlisted" });
    expect(await publish("P-1")).toMatchObject({ status: "published" });
    const page = await list({ categoryId: "kitchen", pageSize: 10, pageToken: "" });
    expect(page.items).toMatchObject([{ id: "P-1" }]);
    expect(await archive("P-1")).toMatchObject({ status: "archived", version: 4 });
    expect(await archive("P-1")).toMatchObject({ version: 4 });
  });

  it("is refused in a currency that the shop does not serve, and in an archived category", async () => {
    const { create, publish, categories } = await openCatalog();
    await create(aProposal({ variants: [aVariant("P-1", money("CHF", 1n))] }));
    await expect(publish("P-1")).rejects.toMatchObject(reason("CURRENCY_NOT_SERVED"));
    await create(aProposal({ id: "P-2", variants: [aVariant("P-2")] }));
    await categories.archive("mugs");
    await expect(publish("P-2")).rejects.toMatchObject(reason("CATEGORY_ARCHIVED"));
    await categories.restore("mugs");
    expect(await publish("P-2")).toMatchObject({ status: "published" });
  });
});

describe("changing a product", () => {
  it("changes what the edit names, unless the client has read another version", async () => {
    const { create, update, published } = await openCatalog();
    await create(aProposal());
    const edited = { productId: "P-1", editOf: () => ({ title: "Cup" }) };
    expect(await update({ ...edited, seenVersion: 1 })).toMatchObject({ title: "Cup", version: 2 });
    await expect(update({ ...edited, seenVersion: 1 })).rejects.toMatchObject(reason("PRODUCT_CHANGED"));
    expect(await update({ ...edited, seenVersion: 0 })).toMatchObject({ version: 2 });
    expect(published("P-1")).toHaveLength(2);
  });

  it("sets the price of a variant, in the currency of the product", async () => {
    const { create, setPrice: set } = await openCatalog();
    await create(aProposal());
    const priced = await set({ productId: "P-1", sku: "P-1", price: eur(900n) });
    expect(priced.variants).toMatchObject([{ price: 900n }]);
    const foreign = { productId: "P-1", sku: "P-1", price: money("CHF", 900n) };
    await expect(set(foreign)).rejects.toMatchObject({ violations: [{ field: "price.currency" }] });
    await expect(set({ productId: "P-1", sku: "none", price: eur(1n) })).rejects.toMatchObject(reason("SKU_NOT_FOUND"));
  });
});

describe("changing variants", () => {
  it("adds, edits, moves, archives and restores them", async () => {
    const { create, variants } = await openCatalog();
    await create(aProposal({ options: ["size"], variants: [{ ...aVariant("S"), optionValues: { size: "S" } }] }));
    const large = { ...aVariant("L"), optionValues: { size: "L" } };
    await variants.add("P-1", large);
    const ref = { productId: "P-1", sku: "L" };
    await variants.edit(ref, () => ({ title: "Large" }));
    await variants.move(ref, 1);
    const archived = await variants.archive(ref);
    expect(archived.variants).toMatchObject([{ sku: "L", title: "Large", archived: true }, { sku: "S" }]);
    expect(archived).toMatchObject({ version: 5 });
    expect(await variants.edit(ref, () => ({}))).toMatchObject({ version: 5 });
    expect((await variants.restore(ref)).variants).toMatchObject([{ sku: "L", archived: false }, { sku: "S" }]);
  });

  it("keeps one variant on sale, and no two with the same option values", async () => {
    const { create, variants } = await openCatalog();
    await create(aProposal({ options: ["size"], variants: [{ ...aVariant("S"), optionValues: { size: "S" } }] }));
    await expect(variants.archive({ productId: "P-1", sku: "S" })).rejects.toMatchObject(reason("LAST_VARIANT"));
    const same = { ...aVariant("T"), optionValues: { size: "S" } };
    await expect(variants.add("P-1", same)).rejects.toMatchObject(reason("VARIANT_EXISTS"));
  });
});

describe("categories", () => {
  it("are listed by name, archived ones only if they are wanted", async () => {
    const { addCategory, categories, listCategories: list } = await openCatalog();
    await addCategory({ id: "a-10", name: "Shelf 10", parentId: "" });
    await addCategory({ id: "a-9", name: "shelf 9", parentId: "" });
    await categories.archive("mugs");
    expect((await list()).map(({ id }) => id)).toEqual(["kitchen", "a-9", "a-10"]);
    expect(await list({ archived: true })).toHaveLength(4);
    expect(await categories.edit("kitchen", ({ name }) => ({ name: `${name}!` }))).toMatchObject({ name: "Kitchen!" });
  });

  it("are not their own parent", async () => {
    const { addCategory, categories } = await openCatalog();
    await expect(async () => addCategory({ id: "a", name: "A", parentId: "a" })).rejects.toMatchObject({
      violations: [{ field: "category.parentId" }],
    });
    await expect(categories.edit("kitchen", () => ({ parentId: "mugs" }))).rejects.toMatchObject(
      reason("CATEGORY_CYCLE"),
    );
  });
});

describe("lists and quotes", () => {
  it("go on after the last product of a page, in either order", async () => {
    const { create, publish, list, listAny, advance } = await openCatalog();
    for (const id of ["P-1", "P-2", "P-3"]) {
      advance(1_000);
      await create(aProposal({ id, variants: [aVariant(id)] }));
      await publish(id);
    }
    const first = await list({ categoryId: "", pageSize: 2, pageToken: "" });
    const second = await list({ categoryId: "", pageSize: 2, pageToken: first.nextPageToken ?? "" });
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(["P-1", "P-2", "P-3"]);
    const all = { status: undefined, categoryId: "", text: "", lastChangedFirst: true, pageSize: 2 };
    const newest = await listAny({ ...all, pageToken: "" });
    const rest = await listAny({ ...all, pageToken: newest.nextPageToken ?? "" });
    expect([...newest.items, ...rest.items].map(({ id }) => id)).toEqual(["P-3", "P-2", "P-1"]);
  });

  it("name real prices, also of unlisted products", async () => {
    const { create, publish, quote } = await openCatalog();
    await create(aProposal());
    await publish("P-1", { unlisted: true });
    expect(await quote([{ productId: "P-1", sku: "" }])).toMatchObject([{ sku: "P-1", unitPrice: eur(1200n) }]);
    expect(await quote([{ productId: "P-2", sku: "" }])).toMatchObject([{ problem: "UNKNOWN_PRODUCT" }]);
  });
});
