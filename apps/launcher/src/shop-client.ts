import { type Client, createClient, type Session } from "@kontor/shop/client";

/** The public REST API of a shop. */
export type ShopClient = Client;

/** The longest that a call waits, in milliseconds: a seed waits for its limit several times. */
const PATIENCE_MS = 240_000;

/** Returns a client of the shop at a gateway, for anyone or for the user of a token. */
export function shopClient(gateway: string, token?: string): ShopClient {
  return createClient({ url: gateway, timeoutMs: PATIENCE_MS, ...(token !== undefined && { tokens: token }) });
}

/** Logs a user in. */
export function logIn(gateway: string, email: string, password: string): Promise<Session> {
  return shopClient(gateway).users.login({ email, password });
}
