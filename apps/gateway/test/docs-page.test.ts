import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Shop, startShop } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startShop({ apiPage: "on" });
});
afterAll(() => shop.stop());

describe("the page at /docs", () => {
  it("is off in production, and by its setting", async () => {
    const before = process.env.NODE_ENV;
    process.env.NODE_ENV = "production";
    const off = await startShop();
    process.env.NODE_ENV = before;
    expect((await off.fetch("/docs")).status).toBe(404);
    await off.stop();
  });

  it("is HTML without scripts or styles of its own, under a policy that allows those of this origin only", async () => {
    const response = await shop.fetch("/docs");
    const html = await response.text();
    expect(response.headers.get("content-security-policy")).toContain("script-src 'self'; style-src 'self';");
    expect(response.headers.get("content-security-policy")).not.toMatch(/unsafe|https?:|\*/);
    expect(html).not.toMatch(/<script(?![^>]* src="\/docs\/assets\/)|<style| style=| on\w+=/);
    const files = [...html.matchAll(/"(\/docs\/assets\/[^"]+)"/g)].map(([, path = ""]) => path);
    expect(files.length).toBe(4);
    for (const path of files) expect((await shop.fetch(path)).status).toBe(200);
  });

  it("has files that a browser keeps while they do not change", async () => {
    const first = await shop.fetch("/docs/assets/viewer.js", { headers: { "Accept-Encoding": "gzip" } });
    const etag = first.headers.get("etag") ?? "";
    const again = await shop.fetch("/docs/assets/viewer.js", {
      headers: { "Accept-Encoding": "gzip", "If-None-Match": etag },
    });
    expect([first.headers.get("content-encoding"), again.status]).toEqual(["gzip", 304]);
  });
});
