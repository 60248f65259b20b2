import { fromBinary } from "@bufbuild/protobuf";
import { OrderConfirmedSchema } from "@kontor/shop/contracts/orders/v1/events";
import { PaymentRefundedSchema } from "@kontor/shop/contracts/payments/v1/events";
import { expect, it } from "vitest";
import { orderUpcasters, paymentRefundedUpcasters } from "../src/index.ts";
import { readGolden } from "./golden-events.ts";

const eur = (minor: bigint) => ({ currency: "EUR", minor });

/** Returns the golden event of version 1 in which amounts are numbers alone. */
function first(type: string): Uint8Array {
  const found = readGolden().find(({ file }) => file.endsWith(`/${type}.numbers-alone.json`));
  return Buffer.from(found?.golden.payload ?? "", "base64");
}

it("an order of version 1 gets the currency of its total for the price of each item", () => {
  const event = fromBinary(OrderConfirmedSchema, first(OrderConfirmedSchema.name));
  expect(event.order?.items[0]?.price).toBeUndefined();
  expect(orderUpcasters[1](event).order?.items[0]?.price).toMatchObject(eur(1200n));
});

it("a refund of version 1 gets the currency of its payment for both amounts, and keeps amounts that it has", () => {
  const event = fromBinary(PaymentRefundedSchema, first(PaymentRefundedSchema.name));
  expect(event.amount).toBeUndefined();
  const raised = paymentRefundedUpcasters[1](event);
  expect(raised).toMatchObject({ amount: eur(500n), payment: { refunded: eur(700n) } });
  raised.amountMinor = 1n;
  expect(paymentRefundedUpcasters[1](raised).amount).toMatchObject(eur(500n));
});
