import { type DescMessage, toBinary } from "@bufbuild/protobuf";
import { defaultJsonLimits, type Gates, JsonReader } from "@kontor/proto-json";
import { describe, expect, it } from "vitest";
import { registry } from "../../test/library.ts";
import { buildRoutes } from "../routing/build-routes.ts";
import { parsePath } from "../routing/raw-path.ts";
import { buildRequest } from "./build-request.ts";
import { encodeRequest } from "./encode-request.ts";

const services = [...registry].filter((type) => type.kind === "service");
const { table } = buildRoutes(services, () => true);
const reader = new JsonReader(registry);
const noRules: Gates = () => undefined;

/** Returns a request both ways: its bytes, if they are encoded directly, and those of its message; undefined for a refused one. */
function both(method: string, target: string, body?: string) {
  const [path = "", query = ""] = target.split("?");
  const lookup = table.find(method, parsePath(path));
  if (lookup === undefined || !("found" in lookup)) throw new TypeError(`no route for ${method} ${path}`);
  const { found } = lookup;
  const parts = {
    found,
    query,
    body: body === undefined ? undefined : Buffer.from(body),
    contentType: "application/json",
  };
  const input: DescMessage = found.route.method.input;
  let expected: Uint8Array | undefined;
  try {
    expected = toBinary(input, buildRequest(parts, reader, defaultJsonLimits, false));
  } catch {
    expected = undefined;
  }
  return { encoded: encodeRequest(parts, noRules, defaultJsonLimits), expected };
}

const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString("hex");

describe("a request that becomes bytes without a message", () => {
  it.each([
    ["GET", "/v1/books/b%201"],
    ["GET", "/v1/shelves/fiction/books/%C3%A4%22"],
    ["GET", "/v1/books?pageSize=5&offset=-7"],
    ["GET", "/v1/books?page_size=0"],
    ["PUT", "/v1/books/b1", '{"title":"ä","pages":7,"genre":"GENRE_FICTION","editors":[{"fullName":"x"}]}'],
    ["PUT", "/v1/books/b1", " { } "],
    ["PUT", "/v1/books/b1", '{"weight":1.5e3,"pages":-1,"views":"12","labels":{"a":"b"},"lent":true,"title":""}'],
    ["POST", "/v1/loans/l1:cancel", undefined],
    ["POST", "/v1/books?requestId=r1&validateOnly=true", '{"title":"x"}'],
    ["POST", "/v1/books", " {} "],
    ["POST", "/v1/choices/c1", "{}"],
  ])("%s %s %s has the bytes of its message", (method, target, body?) => {
    const { encoded, expected } = both(method, target, body);
    expect(hex(encoded)).toBe(hex(expected));
    expect(encoded).toBeDefined();
  });

  it.each([
    ["GET", "/v1/books?pageSize=05"],
    ["GET", "/v1/books?pageSize=5&page_size=6"],
    ["GET", "/v1/books?pageSize=5&pageSize=5"],
    ["GET", "/v1/books?nothing=1"],
    ["GET", "/v1/books/b1?id=b2"],
    ["PUT", "/v1/books/b1", '{"id":"b1"}'],
    ["PUT", "/v1/books/b1", '{"id":"other"}'],
    ["PUT", "/v1/books/b1", '{"title":"a"}}'],
    ["PUT", "/v1/books/b1", '{"title":"a"},"id":"b2"'],
    ["PUT", "/v1/books/b1?title=x", "{}"],
    ["POST", "/v1/choices/c1", '{"cash":"x"}'],
    ["POST", "/v1/books", '{},"requestId":"smuggled"'],
    ["POST", "/v1/books", '{"title":"a"},"validateOnly":true'],
    ["POST", "/v1/books?requestId=r1", '{},"validateOnly":true'],
    ["POST", "/v1/books", "null"],
    ["POST", "/v1/books", "{}}"],
    ["POST", "/v1/books", "{}{}"],
    ["POST", "/v1/books", "{"],
    ["POST", "/v1/books", ""],
  ])("%s %s %s is left to the path that reports the fault", (method, target, body?) => {
    expect(both(method, target, body).encoded).toBeUndefined();
  });
});
