import { readdir, readFile } from "node:fs/promises";
import { defineErrors } from "@kontor/errors";
import { codeOf } from "@kontor/transcoder";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { slugOf } from "../src/inbound/problem-pages/catalogue.ts";
import { type Shop, startShop } from "./shop.ts";

const foreignErrors = defineErrors("test.kontor", {
  QUITE_UNHEARD_OF: { code: "FAILED_PRECONDITION", message: "No.", de: "Nein." },
});

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop.stop());

const docs = new URL("../../../docs/errors/", import.meta.url);
const get = (path: string, headers: Record<string, string> = {}, method = "GET") =>
  shop.fetch(path, { method, headers });
const text = async (path: string, headers?: Record<string, string>) => (await get(path, headers)).text();

describe("the type of a problem", () => {
  it("leads to the page of its reason", async () => {
    const { type, reason } = (await (await get("/nowhere")).json()) as { type: string; reason: string };
    const page = await get(type);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(await page.text()).toContain(`<h1>${reason}</h1>`);
  });

  it.each([
    ["/docs/errors", "/docs/errors/"],
    ["/docs/errors?x=1", "/docs/errors/?x=1"],
    ["/docs/errors/out-of-stock/", "/docs/errors/out-of-stock"],
    ["/healthz/", "/healthz"],
    ["/readyz/", "/readyz"],
  ])("is reached with another slash at its end, or without it: %s", async (path, location) => {
    const response = await shop.fetch(path, { redirect: "manual" });
    expect([response.status, response.headers.get("location")]).toEqual([308, location]);
    expect((await get(path)).status).toBe(200);
    expect((await get(path, {}, "POST")).status).toBe(405);
  });

  it("has a page for every code, which is the reason where a service gives none", async () => {
    for (let number = 1; number <= 16; number++) {
      const path = `/docs/errors/${slugOf(codeOf(number).name)}`;
      expect([path, (await get(path)).status]).toEqual([path, 200]);
    }
  });

  it("is about:blank for a reason that no catalogue has", async () => {
    shop.script = async () => {
      throw foreignErrors.QUITE_UNHEARD_OF();
    };
    expect(await (await get("/api/v1/products/P-1")).json()).toMatchObject({
      type: "about:blank",
      reason: "QUITE_UNHEARD_OF",
    });
  });

  it.each(["/%", "/v1/%E0%A4%A"])("leads to a page also for malformed requests: %s", async (path) => {
    const { type } = (await (await get(path)).json()) as { type: string };
    expect((await get(type)).status).toBe(200);
  });

  it("has a page for every reason in docs/errors, with the same words", async () => {
    for (const file of await readdir(docs)) {
      if (file === "README.md") continue;
      const written = await readFile(new URL(file, docs), "utf8");
      const served = await text(`/docs/errors/${file.replace(".md", "")}`, { Accept: "text/markdown" });
      expect(served).toBe(written.slice(written.indexOf("# ")));
    }
  });

  it("is in the language of the client, with a text for every reason", async () => {
    const german = { "Accept-Language": "de-AT, en;q=0.5" };
    const page = await get("/docs/errors/out-of-stock", german);
    expect(page.headers.get("content-language")).toBe("de");
    const words = await page.text();
    expect(words).toContain('<html lang="de">');
    expect(words).toContain("Was zu tun ist");
    expect(await text("/docs/errors/", german)).toContain("<h1>Fehler</h1>");
    expect(await text("/docs/errors/out-of-stock", { "Accept-Language": "fr" })).toContain("What to do");
  });

  it("may be cached, runs nothing and loads nothing", async () => {
    const { headers } = await get("/docs/errors/out-of-stock", { Accept: "text/html, */*;q=0.1" });
    expect(headers.get("cache-control")).toBe("public, max-age=3600");
    expect(headers.get("vary")).toBe("Accept, Accept-Language");
    expect(headers.get("content-security-policy")).toMatch(/^default-src 'none';/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("is served to HEAD without a body", async () => {
    const page = await get("/docs/errors/out-of-stock", {}, "HEAD");
    expect([page.status, await page.text()]).toEqual([200, ""]);
  });

  it.each(["nowhere", "OUT_OF_STOCK", "constructor", "..%2fout-of-stock", "%3Cscript%3E"])(
    "that is no reason is a 404 problem: %s",
    async (slug) => {
      const answer = await get(`/docs/errors/${slug}`);
      expect([answer.status, answer.headers.get("content-type")]).toEqual([
        404,
        "application/problem+json; charset=utf-8",
      ]);
      expect(await answer.json()).toMatchObject({ reason: "ROUTE_NOT_FOUND" });
    },
  );

  it("is served by the gateway only where PROBLEM_BASE is a path", async () => {
    const [moved, elsewhere] = await Promise.all([
      startShop({ problemBase: "/errors/" }),
      startShop({ problemBase: "https://docs.example/errors/" }),
    ]);
    expect((await moved.fetch("/errors/out-of-stock")).status).toBe(200);
    expect((await moved.fetch("/docs/errors/out-of-stock")).status).toBe(404);
    const problem = (await (await elsewhere.fetch("/docs/errors/out-of-stock")).json()) as { type: string };
    expect(problem.type).toBe("https://docs.example/errors/route-not-found");
    await Promise.all([moved.stop(), elsewhere.stop()]);
  });
});
