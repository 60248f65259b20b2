import { create } from "@bufbuild/protobuf";
import { KontorError } from "@kontor/errors";
import type { RpcClient } from "@kontor/rpc";
import { PaymentSchema, PaymentStatus } from "@kontor/shop/contracts/payments/v1/payment";
import { type PaymentsService, RefundOrderResponseSchema } from "@kontor/shop/contracts/payments/v1/payments_service";
import { describe, expect, it } from "vitest";
import { paymentsClient } from "./payments-client.ts";

type RefundOrder = RpcClient<typeof PaymentsService>["refundOrder"];

const refunding = (refundOrder: RefundOrder) =>
  paymentsClient({ refundOrder } as RpcClient<typeof PaymentsService>).refund("o-1", "The order was cancelled.");
const returning = (status: PaymentStatus) =>
  refunding(async () => create(RefundOrderResponseSchema, { payment: create(PaymentSchema, { id: "p-1", status }) }));
const failing = (reason: string) =>
  refunding(() =>
    Promise.reject(new KontorError({ code: "FAILED_PRECONDITION", reason, domain: "payments", message: "No." })),
  );

describe("refunding a cancelled order", () => {
  it.each([PaymentStatus.REFUNDED, PaymentStatus.VOIDED, PaymentStatus.DECLINED])(
    "is done at status %s",
    async (status) => {
      expect(await returning(status)).toBe("refunded");
    },
  );

  it("is repeated while a part remains: a refund by staff may still be refused", async () => {
    expect(await returning(PaymentStatus.CAPTURED)).toBe("partly");
    expect(await failing("REFUND_TOO_HIGH")).toBe("partly");
    expect(await failing("PAYMENT_CAPTURED")).toBe("partly");
  });

  it("fails for any other refusal", async () => {
    await expect(failing("PROVIDER_REFUSED")).rejects.toMatchObject({ reason: "PROVIDER_REFUSED" });
  });
});
