import { ProductStatus } from "@kontor/shop/contracts/catalog/v1/product";
import { afterAll, describe, expect, it } from "vitest";
import { aProduct, startShop } from "./shop.ts";

const shop = await startShop();
const { catalog, staff } = shop;
afterAll(() => shop.stop());

describe("a product", () => {
  it("is a draft until it is published, and hidden when archived", async () => {
    const product = aProduct();
    const productId = product.id;
    const made = await catalog.createProduct({ product }, staff);
    expect(made.product).toMatchObject({ id: productId, status: ProductStatus.DRAFT, version: 1 });
    expect(made.product?.variants[0]?.title).toBe("Enamel mug");
    await expect(catalog.getProduct({ productId })).rejects.toMatchObject({ reason: "PRODUCT_NOT_FOUND" });
    await expect(catalog.archiveProduct({ productId }, staff)).rejects.toMatchObject({
      reason: "PRODUCT_NOT_PUBLISHED",
    });

    const published = await catalog.publishProduct({ productId }, staff);
    expect((await catalog.getProduct({ productId })).product).toEqual(published.product);
    expect(await catalog.publishProduct({ productId }, staff)).toEqual(published);

    await catalog.archiveProduct({ productId }, staff);
    await expect(catalog.getProduct({ productId })).rejects.toMatchObject({ reason: "PRODUCT_NOT_FOUND" });
    const { product: kept } = await catalog.getAnyProduct({ productId }, staff);
    expect(kept).toMatchObject({ status: ProductStatus.ARCHIVED, version: 3 });
  });

  it("publishes itself whole with each change", async () => {
    const id = await shop.sell();
    await catalog.setPrice({ productId: id, sku: id, price: { currency: "EUR", minor: 900n } }, staff);
    await catalog.setPrice({ productId: id, sku: id, price: { currency: "EUR", minor: 900n } }, staff);
    const events = await shop.db.query("SELECT type FROM outbox WHERE key = $1", [id]);
    expect(events).toEqual(Array(3).fill({ type: "shop.catalog.v1.ProductChanged" }));
  });

  it("created again with the same content is returned unchanged; with other content it is refused", async () => {
    const product = aProduct();
    await catalog.createProduct({ product }, staff);
    const { product: published } = await catalog.publishProduct({ productId: product.id }, staff);
    expect((await catalog.createProduct({ product }, staff)).product).toEqual(published);
    await expect(catalog.createProduct({ product: { ...product, title: "Other" } }, staff)).rejects.toMatchObject({
      reason: "PRODUCT_EXISTS",
    });
  });

  it("created many times at once is there once", async () => {
    const product = aProduct();
    const made = await Promise.all(Array.from({ length: 8 }, () => catalog.createProduct({ product }, staff)));
    expect(new Set(made.map((answer) => answer.product?.version))).toEqual(new Set([1]));
    expect(await shop.db.query("SELECT type FROM outbox WHERE key = $1", [product.id])).toHaveLength(1);
  });

  it("cannot take the SKU of another or a category that is missing", async () => {
    const { variants } = aProduct({ id: await shop.sell() });
    await expect(catalog.createProduct({ product: { ...aProduct(), variants } }, staff)).rejects.toMatchObject({
      reason: "SKU_TAKEN",
      metadata: { sku: variants[0]?.sku },
    });
    const product = { ...aProduct(), categoryId: "nowhere" };
    await expect(catalog.createProduct({ product }, staff)).rejects.toMatchObject({ reason: "CATEGORY_NOT_FOUND" });
  });

  it("changes only in the fields that are named", async () => {
    const id = await shop.sell();
    const update = async (product: object, paths?: string[]) => {
      const request = { product: { id, ...product }, ...(paths && { updateMask: { paths } }) };
      return (await catalog.updateProduct(request, staff)).product;
    };
    expect(await update({ title: "New", description: "ignored" }, ["title"])).toMatchObject({
      title: "New",
      description: "Steel with a glaze.",
      version: 3,
    });
    expect(await update({ description: "Short." })).toMatchObject({ title: "New", description: "Short." });
    const undescribed = await update({ title: "ignored" }, ["description"]);
    expect(undescribed?.title).toBe("New");
    expect(undescribed?.description).toBeUndefined();
    await expect(update({}, ["status"])).rejects.toMatchObject({ violations: [{ field: "product.status" }] });
    for (const late of [{ title: "Late" }, { title: "Late", status: ProductStatus.DRAFT }])
      await expect(update({ version: 2, ...late }, ["title"])).rejects.toMatchObject({ reason: "PRODUCT_CHANGED" });
  });

  it("loses no change when many come at once", async () => {
    const id = await shop.sell();
    const price = (minor: bigint) => ({ productId: id, sku: id, price: { currency: "EUR", minor } });
    await Promise.all([1n, 2n, 3n, 4n, 5n, 6n].map((minor) => catalog.setPrice(price(minor), staff)));
    expect((await catalog.getProduct({ productId: id })).product?.version).toBe(8);
  });

  it("names every field that is wrong", async () => {
    const product = {
      ...aProduct({ id: "no spaces", title: " " }),
      mediaUrls: ["https://a.example/1.jpg", "javascript:alert(1)"],
      variants: [
        { sku: "A", price: { currency: "EUR", minor: 1n } },
        { sku: "A", price: { currency: "USD", minor: -1n }, optionValues: { size: "L" } },
      ],
    };
    const fieldsOf = async (product: object): Promise<string[]> => {
      const failure = await catalog.createProduct({ product }, staff).then(
        () => ({ violations: [] }),
        (error) => error,
      );
      return failure.violations.map(({ field }: { field: string }) => field);
    };
    expect(await fieldsOf(product)).toEqual([
      "product.id",
      "product.title",
      "product.variants[1].sku",
      "product.variants[1].price.minor",
      "product.mediaUrls[1]",
    ]);
    const variants = [
      { sku: "A", price: { currency: "EUR", minor: 1n } },
      { sku: "B", price: { currency: "USD", minor: 1n }, optionValues: { size: "L" } },
    ];
    expect(await fieldsOf({ ...aProduct(), variants })).toEqual([
      "product.variants[1].optionValues.size",
      "product.variants[1].price.currency",
    ]);
  });

  it("is written by staff only", async () => {
    const product = aProduct();
    await expect(catalog.createProduct({ product })).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    await expect(catalog.createProduct({ product }, shop.customer)).rejects.toMatchObject({
      code: "PERMISSION_DENIED",
    });
    const price = { currency: "EUR", minor: 1n };
    await expect(catalog.setPrice({ productId: "x", sku: "x", price }, shop.customer)).rejects.toMatchObject({
      code: "PERMISSION_DENIED",
    });
  });
});

describe("the list of products", () => {
  it("misses none and repeats none while others are added", async () => {
    await catalog.createCategory({ category: { id: "series", name: "Series" } }, staff);
    const add = (n: number) => shop.sell({ ...aProduct({ id: `L-${n}` }), categoryId: "series" });
    for (const n of [10, 20, 30, 40, 50]) await add(n);
    const seen: string[] = [];
    for (let pageToken = "", page = 0; page === 0 || pageToken !== ""; page++) {
      const answer = await catalog.listProducts({ categoryId: "series", pageSize: 2, pageToken });
      seen.push(...answer.products.map(({ id }) => id));
      pageToken = answer.nextPageToken ?? "";
      if (page === 0) await Promise.all([add(15), add(25)]);
    }
    expect(seen).toEqual(["L-10", "L-20", "L-25", "L-30", "L-40", "L-50"]);
  });

  it("of a category includes the products below it", async () => {
    const id = await shop.sell({ ...aProduct({ id: "0-first" }), categoryId: "mugs" });
    const { products } = await catalog.listProducts({ categoryId: "kitchen", pageSize: 100 });
    expect(products.map((product) => product.id)).toContain(id);
    expect((await catalog.listProducts({ categoryId: "books" })).products).toEqual([]);
  });

  it("refuses tokens of another category or list, and sizes that make no sense", async () => {
    const { nextPageToken: pageToken = "" } = await catalog.listProducts({ categoryId: "series", pageSize: 1 });
    const violations = { violations: [{ field: "pageToken" }] };
    await expect(catalog.listProducts({ categoryId: "mugs", pageToken })).rejects.toMatchObject(violations);
    await expect(catalog.listProducts({ pageToken })).rejects.toMatchObject(violations);
    await expect(catalog.searchProducts({ categoryId: "series", pageToken })).rejects.toMatchObject(violations);
    await expect(catalog.listProducts({ pageToken: "?" })).rejects.toMatchObject(violations);
    await expect(catalog.listProducts({ pageSize: 101 })).rejects.toMatchObject({
      violations: [{ field: "pageSize" }],
    });
  });
});

describe("a category", () => {
  it("is stored once, below an existing one", async () => {
    const mugs = { id: "mugs", name: "Mugs", parentId: "kitchen" };
    expect((await catalog.createCategory({ category: mugs }, staff)).category).toMatchObject(mugs);
    const create = (category: object) => catalog.createCategory({ category }, staff);
    await expect(create({ ...mugs, name: "Cups" })).rejects.toMatchObject({ reason: "CATEGORY_EXISTS" });
    await expect(create({ id: "a", name: "A", parentId: "b" })).rejects.toMatchObject({
      reason: "CATEGORY_NOT_FOUND",
    });
    await expect(create({ id: "a", name: "A", parentId: "a" })).rejects.toMatchObject({ reason: "INVALID_REQUEST" });
    const names = (await catalog.listCategories({})).categories.map(({ name }) => name);
    expect(names).toEqual(["Books", "Kitchen", "Mugs", ...(names.includes("Series") ? ["Series"] : [])]);
    expect(await shop.db.query("SELECT type FROM outbox WHERE key = 'mugs'")).toEqual([
      { type: "shop.catalog.v1.CategoryCreated" },
    ]);
  });
});
