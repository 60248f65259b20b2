import { fileURLToPath } from "node:url";
import { getOption, hasOption, type Registry } from "@bufbuild/protobuf";
import { http } from "@kontor/contracts/google/api/annotations";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadContracts } from "../src/contracts.ts";
import { type Shop, startShop } from "./shop.ts";

interface Operation {
  readonly operationId: string;
  readonly description?: string;
  readonly security: readonly Record<string, readonly string[]>[];
  readonly parameters: readonly { readonly name?: string; readonly in?: string; readonly $ref?: string }[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: object }> };
  readonly responses: Record<
    string,
    { readonly description: string; readonly headers?: object; readonly content?: object }
  >;
}
interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, object> };
}

const google = fileURLToPath(new URL("google/google.binpb", import.meta.url));
let shop: Shop;
let foreign: Shop;
let document: Document;
let pubsub: Document;
beforeAll(async () => {
  shop = await startShop();
  foreign = await startShop({ descriptors: google, auth: "off", upstreams: '{"*":"127.0.0.1:9"}' });
  document = (await (await shop.fetch("/openapi.json")).json()) as Document;
  pubsub = (await (await foreign.fetch("/openapi.json")).json()) as Document;
});
afterAll(() => Promise.all([shop.stop(), foreign.stop()]));

function* servicesOf(registry: Registry) {
  for (const desc of registry) if (desc.kind === "service") yield desc;
}
const operationsOf = ({ paths }: Document) => Object.values(paths).flatMap((item) => Object.values(item));

describe.each([
  ["the shop", () => document],
  ["Google's contracts", () => pubsub],
])("the document of %s", (_, get) => {
  it("is valid OpenAPI 3.1", async () => {
    const config = await createConfig({ extends: ["spec"] });
    const problems = await lintFromString({ source: JSON.stringify(get()), config });
    expect(problems.map(({ message, location }) => [message, location[0]?.pointer])).toEqual([]);
  });

  it("has ids that are unique, and schemas that compile", () => {
    const ids = operationsOf(get()).map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema({ ...get(), $id: "document" });
    for (const name of Object.keys(get().components.schemas))
      ajv.compile({ $ref: `document#/components/schemas/${encodeURIComponent(name)}` });
  });

  it("is the same in YAML", async () => {
    const served = get() === document ? shop : foreign;
    expect(parse(await (await served.fetch("/openapi.yaml")).text())).toEqual(get());
  });
});

describe("the document", () => {
  it("has an operation for each binding, also where templates differ only in fixed parts of a variable", async () => {
    let bindings = 0;
    for (const { methods } of servicesOf(await loadContracts(google)))
      for (const method of methods) {
        if (method.methodKind === "bidi_streaming" || !hasOption(method, http)) continue;
        bindings += 1 + getOption(method, http).additionalBindings.length;
      }
    expect(operationsOf(pubsub)).toHaveLength(bindings);
    expect(Object.keys(pubsub.paths)).toEqual(
      expect.arrayContaining([
        "/v1/projects/{topic_1}/topics/{topic_2}:publish",
        "/v1/projects/{subscription_1}/subscriptions/{subscription_2}:pull",
      ]),
    );
  });

  it("is not sent again to a client that has it", async () => {
    const first = await shop.fetch("/openapi.json");
    const tag = first.headers.get("etag") ?? "";
    expect(first.headers.get("content-type")).toBe("application/vnd.oai.openapi+json; charset=utf-8");
    expect((await shop.fetch("/openapi.json", { headers: { "If-None-Match": tag } })).status).toBe(304);
  });

  it("is absent if the setting disables it", async () => {
    const silent = await startShop({ apiDocument: false });
    try {
      expect((await silent.fetch("/openapi.json")).status).toBe(404);
    } finally {
      await silent.stop();
    }
  });

  it("describes the callers of placing an order, its repetition, and its error reasons", () => {
    const place = document.paths["/api/v1/orders"]?.post;
    expect(place?.operationId).toBe("PlaceOrder");
    expect(place?.description).toContain("Places an order.");
    expect(place?.security).toEqual([{ bearer: ["orders.write"] }]);
    expect(place?.parameters).toContainEqual({ $ref: "#/components/parameters/IdempotencyKey" });
    expect(Object.keys(place?.responses ?? {})).toEqual(
      expect.arrayContaining(["201", "400", "401", "403", "409", "415", "422", "429", "503"]),
    );
    expect(place?.responses["409"]?.description).toContain("PRICE_CHANGED");
    expect(place?.responses["422"]?.description).toContain("COUNTRY_NOT_SERVED");
  });

  it("has the rules of requests, the short names of enums and numbers where the edge has them", () => {
    const { schemas } = document.components;
    const named = (end: string) => Object.entries(schemas).find(([name]) => name.endsWith(end))?.[1];
    expect(named(".Money")).toMatchObject({ properties: { minor: { type: "integer" } } });
    expect(named(".OrderStatus")).toMatchObject({ enum: expect.arrayContaining(["placed", "completed"]) });
    const body = document.paths["/api/v1/orders"]?.post?.requestBody?.content["application/json"]?.schema;
    expect(body).toMatchObject({
      properties: { items: { type: "array", minItems: 1 } },
      required: expect.arrayContaining(["items"]),
    });
    expect(body).not.toHaveProperty("required", expect.arrayContaining(["idempotencyKey"]));
  });

  it("lists no parameter that is bound by the path or that the wire alone has", () => {
    const list = document.paths["/api/v1/users/{user_id}/orders"]?.get;
    const names = list?.parameters.map(({ in: place, name }) => `${place} ${name}`) ?? [];
    expect(names).toContain("path user_id");
    expect(names).toContain("query pageSize");
    expect(names).not.toContain("query userId");
  });

  it("makes contracts without policy public", () => {
    expect(operationsOf(pubsub).every(({ security }) => security.length === 0)).toBe(true);
  });
});
