import { eventually } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aProduct, startShop } from "./shop.ts";

const shop = await startShop();
const { catalog, db } = shop;
afterAll(() => shop.stop());

const TITLES = {
  cup: "Café Crème Cup",
  stool: "Cafe stool",
  creams: "Body creams",
  bread: "Müller-Brot",
  muller: "Muller yoghurt",
  sport: "Sport-Shirt black/white",
  bowl: "White bowl",
  adapter: "USB-C/HDMI adapter",
  cable: "HDMI cable",
  rack: "Zmug rack for zmug lovers with zmug hooks",
  zmug: "Zmug",
  size: "Größe XL Hut",
  egg: "Œufs en chocolat",
  city: "Łódź poster",
  sweets: "Piñata",
  rug: "İzmir ılık halı",
  tea: "日本茶碗",
  glass: "ガラスコップ",
  fire: "Mug 🔥",
  jeans: "Levi's jeans",
  perfume: "L’Oréal parfum",
  books: "Kochbücher",
  knife: "Bread knives",
  teapot: "Teapot",
  poem: "Blue poet",
} as const;
const keys = Object.keys(TITLES);

/** The ids of the products that a search finds, in order; the keys of those above. */
async function found(q: string): Promise<string[]> {
  const { hits } = await catalog.searchProducts({ q, pageSize: 100 });
  return hits.map(({ productId }) => keys[Number(/^X-(\d+)$/.exec(productId)?.[1] ?? -1)] ?? productId);
}

beforeAll(async () => {
  for (const [n, title] of Object.values(TITLES).entries())
    await shop.sell({ ...aProduct({ id: `X-${n}`, title }), description: "" });
  const variants = ["red", "navy"].map((colour) => ({
    sku: `P-139-M-${colour.toUpperCase()}`,
    optionValues: { colour, size: "M" },
    price: { currency: "EUR", minor: 2500n },
  }));
  await shop.sell({ ...aProduct({ id: "P-139", title: "T-shirt" }), options: ["colour", "size"], variants });
  await shop.sell(aProduct({ id: "P-140", title: "T-shirt with a very plain look" }));
  await shop.sell({ ...aProduct({ id: "P-101", title: "Lamp" }), description: "" });
  await shop.sell({ ...aProduct({ id: "other", title: "Guide to the P-101" }), description: "" });
  const { length } = await db.query("SELECT FROM products");
  await eventually(async () => expect((await catalog.searchProducts({})).total).toBe(length));
});

describe("search finds a product", () => {
  it.each<[string, string[]]>([
    ["café", ["cup", "stool"]],
    ["cafe", ["stool", "cup"]],
    ["CAFÉ", ["cup", "stool"]],
    ["cafe\u0301", ["cup", "stool"]],
    ["creme", ["cup"]],
    ["crème", ["cup"]],
    ["cafe creme", ["cup"]],
    ["mueller", ["bread"]],
    ["müller", ["bread", "muller"]],
    ["Muller", ["muller", "bread"]],
    ["MÜLLER-BROT", ["bread"]],
    ["müllerbrot", ["bread"]],
    ["Muellerbrot", ["bread"]],
    ["white", ["bowl", "sport"]],
    ["sport shirt", ["sport"]],
    ["sportshirt", ["sport"]],
    ["hdmi", ["cable", "adapter"]],
    ["usb", ["adapter"]],
    ["usbc", ["adapter"]],
    ["usb-c hdmi", ["adapter"]],
    ["zmug", ["zmug", "rack"]],
    ["Größe", ["size"]],
    ["Grosse", ["size"]],
    ["groesse", ["size"]],
    ["GRÖSSE", ["size"]],
    ["oeufs", ["egg"]],
    ["œuf", ["egg"]],
    ["lodz", ["city"]],
    ["Łódź", ["city"]],
    ["pinata", ["sweets"]],
    ["piñata", ["sweets"]],
    ["izmir", ["rug"]],
    ["IZMIR", ["rug"]],
    ["ilik", ["rug"]],
    ["hali", ["rug"]],
    ["茶碗", ["tea"]],
    ["日本", ["tea"]],
    ["碗茶", []],
    ["コップ", ["glass"]],
    ["ｺｯﾌﾟ", ["glass"]],
    ["🔥", ["fire"]],
    ["mug 🔥", ["fire"]],
    ["levis", ["jeans"]],
    ["levi's", ["jeans"]],
    ["Levi’s jeans", ["jeans"]],
    ["loreal", ["perfume"]],
    ["oreal", ["perfume"]],
    ["l'oréal", ["perfume"]],
    ["Kochbuch", ["books"]],
    ["kochbuecher", ["books"]],
    ["knives", ["knife"]],
    ["teapots", ["teapot"]],
    ["tepot", ["teapot"]],
    ["taepot", ["teapot"]],
    ["teapto", ["teapot"]],
    ["blue poet", ["poem"]],
  ])("by %j: %j", async (q, expected) => {
    expect((await found(q)).slice(0, Math.max(1, expected.length))).toEqual(expected);
  });

  it("in another spelling although one is spelt exactly so", async () => {
    expect(await found("creme")).toContain("cup");
    expect(await found("creams")).toContain("creams");
    expect(await found("stools")).toEqual(["stool"]);
  });

  it.each<[string, string]>([
    ["P-101", "P-101"],
    ["p-101", "P-101"],
    ["p101", "P-101"],
    ["P-139-M-NAVY", "P-139"],
    ["p139mnavy", "P-139"],
    ["P_139_M_navy", "P-139"],
  ])("by its id or a SKU, before all others: %s", async (q, id) => {
    expect((await found(q))[0]).toBe(id);
  });

  it("by the values of its options", async () => {
    for (const q of ["t-shirt navy", "tshirt navy", "navy t shirt"]) expect(await found(q)).toEqual(["P-139"]);
    expect((await found("t-shirt")).slice(0, 2)).toEqual(["P-139", "P-140"]);
  });

  it("and pages through all of them in this order", async () => {
    for (const q of ["white", "müller", "t-shirt"]) {
      const pages: string[] = [];
      for (let pageToken = "", page = 0; page === 0 || pageToken !== ""; page++) {
        const { hits, nextPageToken } = await catalog.searchProducts({ q, pageSize: 1, pageToken });
        pages.push(...hits.map(({ productId }) => productId));
        pageToken = nextPageToken ?? "";
      }
      const { hits } = await catalog.searchProducts({ q, pageSize: 100 });
      expect(pages).toEqual(hits.map(({ productId }) => productId));
    }
  });
});
