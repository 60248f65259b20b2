import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Timestamp, timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { MoneySchema } from "@kontor/contracts/money/v1/money";
import type { Amounts } from "../domain/promotion.ts";
import type { Window } from "../domain/window.ts";

type MoneyMessage = MessageInitShape<typeof MoneySchema>;

/** Returns the message of an amount. */
export function moneyMessage(currency: string, minor: bigint): MoneyMessage {
  return { currency, minor };
}

/** Returns amounts by currency as messages. */
export function amountMessages(amounts: Amounts): MoneyMessage[] {
  return [...amounts].map(([currency, minor]) => moneyMessage(currency, minor));
}

/** Returns amounts by currency; the contract lets each currency in once. */
export function amountsOf(messages: readonly { readonly currency: string; readonly minor: bigint }[]): Amounts {
  return new Map(messages.map(({ currency, minor }) => [currency, minor]));
}

interface Times {
  readonly validFrom?: Timestamp | undefined;
  readonly validUntil?: Timestamp | undefined;
}

/** Returns the fields of a window. */
export function windowMessage({ validFrom, validUntil }: Window): { validFrom?: Timestamp; validUntil?: Timestamp } {
  return {
    ...(validFrom && { validFrom: timestampFromDate(validFrom) }),
    ...(validUntil && { validUntil: timestampFromDate(validUntil) }),
  };
}

/** Returns the window of a message. */
export function windowOf({ validFrom, validUntil }: Times): Window {
  return {
    ...(validFrom && { validFrom: timestampDate(validFrom) }),
    ...(validUntil && { validUntil: timestampDate(validUntil) }),
  };
}
