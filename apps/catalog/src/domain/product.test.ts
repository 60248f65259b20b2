import { describe, expect, it } from "vitest";
import { archive, draft, edit, type Product, type ProductContent, publish as publishIn } from "./product.ts";
import { addVariant, archiveVariant, editVariant, moveVariant, restoreVariant, setPrice } from "./variants.ts";

const then = new Date("2026-01-01");
const now = new Date("2026-02-01");
const content: ProductContent = {
  title: "Mug",
  description: "",
  categoryId: "mugs",
  mediaUrls: [],
  options: [],
  currency: "EUR",
  variants: [{ sku: "A", title: "Mug", optionValues: {}, price: 100n, weightGrams: 1, archived: false }],
};
const product = draft("P", content, then);
const publish = (from: Product, at: Date, options?: { unlisted: boolean }) =>
  publishIn(from, at, { currencies: ["CHF", "EUR"], ...options });

describe("a product", () => {
  it("begins as a draft whose variants have no separate names", () => {
    expect(product).toMatchObject({ status: "draft", version: 1, createdAt: then, updatedAt: then });
    expect(product.variants[0]?.title).toBe("");
  });

  it("goes from draft to published to archived, and back on sale", () => {
    const published = publish(product, now);
    expect(published).toMatchObject({ status: "published", version: 2, createdAt: then, updatedAt: now });
    const archived = archive(published, now);
    expect(archived).toMatchObject({ status: "archived", version: 3 });
    expect(publish(archived, now)).toMatchObject({ status: "published", version: 4 });
    expect(() => archive(product, now)).toThrow(expect.objectContaining({ reason: "PRODUCT_NOT_PUBLISHED" }));
  });

  it("can be on sale without being listed, before it is listed and after", () => {
    const unlisted = publish(product, now, { unlisted: true });
    expect(unlisted).toMatchObject({ status: "unlisted", version: 2 });
    expect(publish(unlisted, now, { unlisted: true })).toBe(unlisted);
    expect(publish(unlisted, now)).toMatchObject({ status: "published", version: 3 });
    expect(archive(unlisted, now)).toMatchObject({ status: "archived", version: 3 });
  });

  it("is not on sale in a currency that the shop does not serve, listed or not", () => {
    const foreign = draft("P", { ...content, currency: "JPY" }, then);
    const refusal = expect.objectContaining({
      reason: "CURRENCY_NOT_SERVED",
      metadata: { productId: "P", currency: "JPY", served: "CHF, EUR" },
    });
    expect(() => publish(foreign, now)).toThrow(refusal);
    expect(() => publish(foreign, now, { unlisted: true })).toThrow(refusal);
    expect(() => publish({ ...foreign, status: "published" }, now)).toThrow(refusal);
  });

  it("is the same object when nothing changes", () => {
    const published = publish(product, now);
    const archived = archive(published, now);
    expect(publish(published, now)).toBe(published);
    expect(archive(archived, now)).toBe(archived);
    expect(edit(product, { title: "Mug", mediaUrls: [] }, now)).toBe(product);
    expect(setPrice(product, "A", 100n, now)).toBe(product);
  });

  it("changes only in the named fields", () => {
    expect(edit(product, { title: "Cup" }, now)).toEqual({ ...product, title: "Cup", version: 2, updatedAt: now });
    expect(setPrice(product, "A", 90n, now).variants).toMatchObject([{ sku: "A", price: 90n }]);
    expect(() => setPrice(product, "B", 90n, now)).toThrow(expect.objectContaining({ reason: "SKU_NOT_FOUND" }));
  });
});

describe("the variants of a product", () => {
  const of = (size: string) => ({
    ...{ sku: size, title: "", optionValues: { size }, price: 100n, weightGrams: 1 },
    archived: false,
  });
  const sized = draft("P", { ...content, options: ["size"], variants: [of("S"), of("M"), of("L")] }, then);
  const skus = ({ variants }: Product) => variants.map(({ sku }) => sku).join("");
  const refused = (reason: string) => expect.objectContaining({ reason });

  it("can be added, once, if they differ from the others", () => {
    const added = addVariant(sized, of("XL"), now);
    expect([skus(added), added.version]).toEqual(["SMLXL", 2]);
    expect(addVariant(added, of("XL"), now)).toBe(added);
    expect(() => addVariant(added, { ...of("XL"), price: 1n }, now)).toThrow(refused("VARIANT_EXISTS"));
    expect(() => addVariant(added, { ...of("S"), sku: "S2" }, now)).toThrow(refused("VARIANT_EXISTS"));
    const full = { ...sized, variants: Array.from({ length: 100 }, (_, n) => of(`${n}`)) };
    expect(() => addVariant(full, of("XL"), now)).toThrow(refused("TOO_MANY_VARIANTS"));
  });

  it("can be changed, but not into another", () => {
    const edited = editVariant(sized, "S", { title: "Small", weightGrams: 9 }, now);
    expect(edited.variants[0]).toEqual({ ...of("S"), title: "Small", weightGrams: 9 });
    expect(editVariant(edited, "S", { title: "Small" }, now)).toBe(edited);
    expect(editVariant(edited, "S", { title: "Mug" }, now).variants[0]?.title).toBe("");
    expect(() => editVariant(sized, "S", { optionValues: { size: "M" } }, now)).toThrow(refused("VARIANT_EXISTS"));
    expect(() => editVariant(sized, "XL", {}, now)).toThrow(refused("SKU_NOT_FOUND"));
  });

  it("can be moved to any place", () => {
    expect(skus(moveVariant(sized, "L", 1, now))).toBe("LSM");
    expect(skus(moveVariant(sized, "S", 2, now))).toBe("MSL");
    expect(skus(moveVariant(sized, "S", 99, now))).toBe("MLS");
    expect(moveVariant(sized, "M", 2, now)).toBe(sized);
  });

  it("can be archived but for the last, and brought back unless another took their place", () => {
    const archived = archiveVariant(archiveVariant(sized, "S", now), "M", now);
    expect(archived.variants.map((variant) => variant.archived)).toEqual([true, true, false]);
    expect(archiveVariant(archived, "S", now)).toBe(archived);
    expect(() => archiveVariant(archived, "L", now)).toThrow(refused("LAST_VARIANT"));
    expect(skus(restoreVariant(archived, "S", now))).toBe("SML");
    expect(restoreVariant(sized, "S", now)).toBe(sized);
    const taken = addVariant(archived, { ...of("S"), sku: "S2" }, now);
    expect(() => restoreVariant(taken, "S", now)).toThrow(refused("VARIANT_EXISTS"));
  });
});
