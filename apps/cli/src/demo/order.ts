import type { Order } from "@kontor/shop/client";

const finals: readonly (string | undefined)[] = ["completed", "rejected", "cancelled"] satisfies Order["status"][];

/** Returns whether an order does not change any more. */
export const isFinal = ({ status }: Order): boolean => finals.includes(status);
