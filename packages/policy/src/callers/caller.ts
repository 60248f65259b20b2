import type { LoadsKeys } from "../key-set.ts";

/** How a service proves its name to the services it calls. */
export interface CallerIdentity {
  /** Name of the service, as contracts name it in `auth.callers`. */
  readonly service: string;
  /**
   * Returns a token that is good for one gRPC service, by its full name such as `shop.inventory.v1.InventoryService`.
   * Returns undefined when this process has none for it.
   */
  tokenFor(callee: string): string | undefined;
  /** Drops the cached token of a callee that refused it, so that the next token is signed or read again. */
  renew(callee: string): void;
  /** Whether services share the account of its tokens, so that it has to name itself. Default: false. */
  readonly sharesAccount?: boolean;
  /** The token that versions before service tokens share. Sent next to the own token while those versions still run. */
  readonly sharedToken?: string | undefined;
}

/** The credentials of a caller. */
export interface CallerProof {
  /** The service token of `kontor-service-token`. */
  readonly token: string | undefined;
  /** The name that the caller gives itself: of a version before service tokens, or within an account that several services share. */
  readonly sharedName: string | undefined;
  /** The token that all services of that version share. */
  readonly sharedToken: string | undefined;
}

/**
 * Returns the name of the service that calls, or undefined when it proves none.
 *
 * @param callee full name of the gRPC service that is called
 * @throws KontorError UNAUTHENTICATED (SERVICE_TOKEN_INVALID, SERVICE_TOKEN_EXPIRED), or UNAVAILABLE (KEYS_UNAVAILABLE)
 * when no keys could be loaded yet
 */
export type CallerVerifier = ((proof: CallerProof, callee: string) => Promise<string | undefined>) & Partial<LoadsKeys>;

/** Accepts no caller: for a server whose contract has no internal RPCs. */
export const noCallers: CallerVerifier = async () => undefined;
