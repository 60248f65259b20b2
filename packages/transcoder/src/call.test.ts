import { create, type DescMessage, toBinary } from "@bufbuild/protobuf";
import type { FastifyRequest } from "fastify";
import { describe, expect, it } from "vitest";
import { registry } from "../test/library.ts";
import { changedCall, encodedCall } from "./call.ts";
import { buildRoutes } from "./routing/build-routes.ts";

const { routes } = buildRoutes(
  [...registry].filter((type) => type.kind === "service"),
  () => true,
);
const route = routes.find(({ method }) => method.name === "GetBook");
if (route === undefined) throw new TypeError("the library has no GetBook");
const input: DescMessage = route.method.input;
const bytes = toBinary(input, create(input, { id: "b1" } as Record<string, unknown>));
const edgeCall = {
  ...{ found: { route, segments: [], kept: [] }, method: route.method, request: {} as FastifyRequest },
  ...{ signal: AbortSignal.any([]), abort: () => {}, endAt: () => {} },
};

describe("a call whose request is bytes", () => {
  it("makes its message when it is first read, and has no bytes from then on", () => {
    const call = encodedCall(edgeCall, bytes, 1);
    expect(call.encoded).toBe(bytes);
    expect(call.message).toMatchObject({ id: "b1" });
    expect(call.message).toBe(call.message);
    expect(call.encoded).toBeUndefined();
  });

  it("is changed without a message, and shares the one that is made later", () => {
    const mark = Symbol("mark");
    const call = encodedCall(edgeCall, bytes, 1);
    const changes = { deadline: 2, [mark]: true };
    const changed = changedCall(changedCall(call, changes), { deadline: 3 });
    expect(changed).toMatchObject({ deadline: 3, [mark]: true });
    expect(changed.encoded).toBe(bytes);
    expect(changed.message).toBe(call.message);
    expect([changed.encoded, call.encoded]).toEqual([undefined, undefined]);
    expect(changedCall(changed, { deadline: 4 })).toMatchObject({ deadline: 4, [mark]: true, message: { id: "b1" } });
  });

  it("never has the bytes of another message", () => {
    const message = create(input, { id: "b2" } as Record<string, unknown>);
    const call = encodedCall(edgeCall, bytes, 1);
    expect({ ...call }.encoded).toBeUndefined();
    const other = changedCall(encodedCall(edgeCall, bytes, 1), { message });
    expect([other.message, other.encoded]).toEqual([message, undefined]);
    const again = changedCall({ ...encodedCall(edgeCall, bytes, 1), message }, { deadline: 2 });
    expect([again.message, again.encoded]).toEqual([message, undefined]);
  });
});
