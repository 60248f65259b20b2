import { create, toBinary } from "@bufbuild/protobuf";
import { CatalogService, GetProductResponseSchema } from "@kontor/shop/contracts/catalog/v1/catalog_service";
import type { Answer, Call } from "@kontor/transcoder";
import { expect, it } from "vitest";
import { withResource } from "./resource.ts";

it("reads the version of a resource from the bytes of a response, and makes no message of them", async () => {
  const message = create(GetProductResponseSchema, { product: { version: 7 } });
  let made = 0;
  const answer: Answer = {
    json: "{}",
    wire: toBinary(GetProductResponseSchema, message),
    headers: { Age: "1" },
    get message() {
      made++;
      return message;
    },
  };
  const { getProduct } = CatalogService.method;
  const described = await withResource(async () => answer)({
    method: getProduct,
    message: create(getProduct.input),
  } as unknown as Call);
  expect([described.headers, described.json, made]).toEqual([{ Age: "1", ETag: '"7"' }, "{}", 0]);
  expect([described.message, made]).toEqual([message, 1]);
});
