import { HttpError } from "@kontor/simulator";

/** The behaviour of a test card. All other operations succeed. */
export interface TestCard {
  readonly authorisation?: "pending" | "requires_action" | { readonly declined: string };
  /** The first attempt, per reference for payments and per payment otherwise, responds with this status and has no effect. */
  readonly failsOnce?: { readonly operation: "payment" | "capture" | "refund"; readonly status: number };
  readonly losesFirstAnswer?: true;
}

const cards = {
  tok_visa: {},
  tok_declined: { authorisation: { declined: "card_declined" } },
  tok_insufficient_funds: { authorisation: { declined: "insufficient_funds" } },
  tok_slow: { authorisation: "pending" },
  tok_timeout_after_success: { losesFirstAnswer: true },
  tok_error: { failsOnce: { operation: "payment", status: 500 } },
  tok_3ds: { authorisation: "requires_action" },
  tok_capture_fails_once: { failsOnce: { operation: "capture", status: 503 } },
  tok_refund_fails_once: { failsOnce: { operation: "refund", status: 503 } },
} as const satisfies Record<string, TestCard>;

export type CardToken = keyof typeof cards;

function isCardToken(token: string): token is CardToken {
  return Object.hasOwn(cards, token);
}

export function cardToken(token: string): CardToken {
  if (isCardToken(token)) return token;
  throw new HttpError(422, "unknown_payment_method", `Known are ${Object.keys(cards).join(", ")}.`);
}

export function testCard(token: CardToken): TestCard {
  return cards[token];
}
