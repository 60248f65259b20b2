import { readdir, readFile } from "node:fs/promises";
import type { GoldenEvent } from "@kontor/event-store";
import { aGuestPlacement, at } from "../src/domain/fixtures.ts";
import type { OrderEvent } from "../src/domain/order.ts";

type Sample<Event> = Event extends unknown ? Required<Event> : never;
const reason = "The shopper changed their mind.";

/** One event of each type, with all facts that it may have: an optional fact that is missing here does not compile. */
export const samples: readonly Sample<OrderEvent>[] = [
  { type: "placed", ...aGuestPlacement(), number: "K-7Q4M-2X9R", at },
  { type: "adopted", userId: "u-1", at },
  { type: "stock-reserved", at },
  { type: "payment-action-required", actionUrl: "https://bank.example/1", at },
  { type: "payment-authorised", paymentId: "pay-1", at },
  { type: "stock-committed", at },
  { type: "confirmed", at },
  { type: "dispatched", trackingNumber: "T-1", at },
  { type: "shipped", at },
  { type: "completed", at },
  { type: "rejected", reason: "OUT_OF_STOCK", detail: "Only 1 of P-101 is left.", at },
  { type: "cancellation-requested", by: "u-1", reason, at },
  { type: "cancellation-refused", detail: "The carrier already has the parcel.", at },
  { type: "cancelled", reason: "CANCELLED_BY_CUSTOMER", detail: "Cancelled before anything was charged.", at },
  { type: "refunded", amount: 500n, refunded: 2890n, actor: "staff:s-1", reason: "Broken.", at },
];

/** Reads every shape that was ever stored. */
export async function readGoldenEvents(): Promise<GoldenEvent[]> {
  const folder = new URL("golden-events/", import.meta.url);
  const files = (await readdir(folder)).sort();
  return Promise.all(
    files.map(async (file) => ({ file, ...JSON.parse(await readFile(new URL(file, folder), "utf8")) })),
  );
}
