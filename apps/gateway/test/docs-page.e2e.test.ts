import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Shop, startShop } from "./shop.ts";

const program = [process.env.KONTOR_CHROMIUM ?? "", "/usr/bin/chromium", "/usr/bin/google-chrome"].find(existsSync);
/** Where pictures of the page go, for people to look at. Default: none are made. */
const pictures = process.env.KONTOR_PICTURES;

let shop: Shop;
beforeAll(async () => {
  shop = await startShop({ apiPage: "on" });
});
beforeEach(() => shop.seen.splice(0));
afterAll(() => shop.stop());

describe.skipIf(program === undefined)("the page at /docs in a browser", { timeout: 120_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ ...(program && { executablePath: program }), args: ["--no-sandbox"] });
  });
  afterAll(() => browser.close());

  /** Opens a page, and collects what it requests from elsewhere and what its policy forbids. */
  async function open(url: string, options: BrowserContextOptions = {}) {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const wrong: string[] = [];
    page.on("request", (request) => {
      if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== new URL(url).origin)
        wrong.push(request.url());
    });
    page.on("console", (message) => {
      if (/Content.Security.Policy|Refused to/i.test(message.text())) wrong.push(message.text());
    });
    page.on("pageerror", (error) => wrong.push(error.message));
    page.on("dialog", async (dialog) => {
      wrong.push(`dialog ${dialog.message()}`);
      await dialog.dismiss();
    });
    await page.goto(url);
    await page.locator(".opblock-tag").first().waitFor({ timeout: 60_000 });
    return { page, wrong, close: () => context.close() };
  }
  /** Opens the operations of a service. */
  async function openService(page: Page, service: string) {
    const tag = page.locator(`.opblock-tag[data-tag="${service}"]`);
    if ((await tag.getAttribute("data-is-open")) !== "true") await tag.click();
  }
  async function tryCall(page: Page, service: string, id: string, fill: Record<string, string> = {}, body?: string) {
    await openService(page, service);
    const operation = page.locator(`.opblock[id$="-${id}"]`);
    const toggle = operation.locator(".opblock-summary-control").first();
    if ((await toggle.getAttribute("aria-expanded")) !== "true") await toggle.click();
    for (const [name, value] of Object.entries(fill))
      await operation.locator(`tr[data-param-name="${name}"] input`).fill(value);
    if (body !== undefined) await operation.locator("textarea.body-param__text").fill(body);
    await operation.locator("button.execute").click();
    const response = operation.locator(".live-responses-table");
    await response.waitFor();
    return operation;
  }
  const picture = async (page: Page, name: string) => {
    if (pictures) await page.screenshot({ path: `${pictures}/${name}.png` });
  };

  it("logs in by a call, calls with the token, and shows what came, as curl and TypeScript", async () => {
    shop.script = (rpc) =>
      rpc === "login"
        ? {
            session: {
              accessToken: shop.token("ada", "orders.read"),
              refreshToken: "r",
              userId: "ada",
              tokenType: "Bearer",
              expiresIn: 600,
            },
          }
        : { order: { id: "a:cancel", version: 7 } };
    const { page, wrong, close } = await open(`${shop.url}/docs`);
    await picture(page, "docs-light");
    await tryCall(
      page,
      "shop.users.v1.UsersService",
      "Login",
      {},
      '{"email":"ada@kontor.example","password":"correct-horse"}',
    );
    await expect.poll(() => page.locator("#login").textContent()).toContain("Logged in");
    const operation = await tryCall(page, "shop.orders.v1.OrdersService", "GetOrder", { order_id: "a:cancel" });
    await expect.poll(() => operation.locator(".live-responses-table").textContent()).toContain('"version": 7');
    expect(shop.seen.at(-1)).toMatchObject({ rpc: "getOrder", request: { orderId: "a:cancel" } });
    expect(await operation.locator(".request-snippets").textContent()).toContain("/api/v1/orders/a%3Acancel");
    await operation.getByText("TypeScript", { exact: true }).click();
    await expect.poll(() => operation.locator(".request-snippets").textContent()).toContain("client.orders.getOrder({");
    await operation.scrollIntoViewIfNeeded();
    await picture(page, "docs-call");
    expect(wrong).toEqual([]);
    await close();
  });

  it("takes no document from its own URL", async () => {
    const evil = "https://evil.example/x.json";
    const { page, wrong, close } = await open(`${shop.url}/docs?url=${evil}&configUrl=${evil}&spec={}#url=${evil}`);
    expect(await page.locator(".info .title").textContent()).toContain("Kontor");
    expect(wrong).toEqual([]);
    await close();
  });

  it("works by keyboard", async () => {
    const { page, wrong, close } = await open(`${shop.url}/docs`);
    await openService(page, "shop.users.v1.UsersService");
    const toggle = page.locator('.opblock[id$="-GetJwks"] .opblock-summary-control').first();
    await toggle.focus();
    await page.keyboard.press("Enter");
    const execute = page.locator('.opblock[id$="-GetJwks"] button.execute');
    await execute.waitFor();
    await execute.focus();
    await page.keyboard.press("Enter");
    await expect
      .poll(() => page.locator('.opblock[id$="-GetJwks"] .live-responses-table').textContent())
      .toContain('"kid": "k1"');
    expect(wrong).toEqual([]);
    await close();
  });

  it("fits a phone, in the dark", async () => {
    const phone: BrowserContextOptions = { viewport: { width: 390, height: 844 }, colorScheme: "dark", hasTouch: true };
    const { page, wrong, close } = await open(`${shop.url}/docs`, phone);
    await tryCall(page, "shop.orders.v1.OrdersService", "GetOrder", { order_id: "o1" });
    const width = await page.evaluate<number>("document.documentElement.scrollWidth");
    await page.locator('.opblock[id$="-GetOrder"]').scrollIntoViewIfNeeded();
    await picture(page, "docs-phone-dark");
    expect(width).toBeLessThanOrEqual(390);
    const background = await page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
    expect(background).toBe("rgb(28, 32, 34)");
    expect(wrong).toEqual([]);
    await close();
  });

  it("shows the contracts of others, too", async () => {
    const descriptors = fileURLToPath(new URL("google/google.binpb", import.meta.url));
    const google = await startShop({ descriptors, auth: "off", apiPage: "on", upstreams: '{"*":"127.0.0.1:9"}' });
    const { page, wrong, close } = await open(`${google.url}/docs`);
    await openService(page, "google.pubsub.v1.Publisher");
    await expect.poll(() => page.locator(".opblock").count()).toBeGreaterThan(5);
    expect(wrong).toEqual([]);
    await close();
    await google.stop();
  });

  it("links problems to pages that explain them", async () => {
    const context = await browser.newContext({ colorScheme: "dark", viewport: { width: 390, height: 844 } });
    const page = await context.newPage();
    const problem = (await (await shop.fetch("/api/v1/orders/o1")).json()) as { type: string };
    await page.goto(new URL(problem.type, shop.url).href);
    expect(await page.locator("h1").textContent()).toBe("TOKEN_MISSING");
    await picture(page, "error-phone-dark");
    await context.close();
  });
});
