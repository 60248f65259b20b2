import { create } from "@bufbuild/protobuf";
import { CancelOrderRequestSchema, OrdersService } from "@kontor/contracts/orders/v1/orders_service";
import type { CallContext } from "@kontor/rpc";
import { describe, expect, it } from "vitest";
import { ordersService } from "./grpc.ts";

describe("asking to cancel", () => {
  it.each(["x".repeat(501), "a\0b"])("is refused for a reason that cannot be kept", async (reason) => {
    const service = ordersService({} as Parameters<typeof ordersService>[0]);
    const request = create(CancelOrderRequestSchema, { orderId: "o-1", reason });
    const answer = service.handlerOf(OrdersService.method.cancelOrder)(request, {} as CallContext);
    const violations = [expect.objectContaining({ field: "reason" })];
    await expect(answer).rejects.toThrow(expect.objectContaining({ violations }));
  });
});
