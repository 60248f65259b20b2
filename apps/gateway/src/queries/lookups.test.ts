import { create } from "@bufbuild/protobuf";
import { PaymentsService } from "@kontor/shop/contracts/payments/v1/payments_service";
import { registry } from "@kontor/shop/registry";
import type { Call } from "@kontor/transcoder";
import { expect, it } from "vitest";
import type { Upstreams } from "../ports.ts";
import { createLookups } from "./lookups.ts";

it("a lookup that the caller may not make calls no upstream", async () => {
  const { getPaymentByOrder } = PaymentsService.method;
  const message = create(getPaymentByOrder.input, { orderId: "K-7Q4M-2X9P" });
  const called: string[] = [];
  const upstreams = { call: async ({ method }: Call) => called.push(method.name) } as unknown as Upstreams;
  const lookups = createLookups(registry, ({ method }) => {
    throw new Error(`${method.name} is refused`);
  });
  const call = { method: getPaymentByOrder, message } as unknown as Call;
  await expect(lookups.around(upstreams).call(call)).rejects.toThrow("GetOrder is refused");
  expect(called).toEqual([]);
});
