import type { Address } from "./domain/address.ts";
import type { User } from "./domain/user.ts";
import type { UserFilter } from "./domain/user-search.ts";

/** The caller: the subject of the token and its session. */
export interface Caller {
  readonly userId: string;
  readonly sessionId: string | undefined;
}

/** The program at the other end of a call. */
export interface Client {
  /** A digest of its network address. */
  readonly network: string;
  /** Network and program together. */
  readonly name: string;
}

/** Accounts. Changes that other services need are published in their transaction. */
export interface Users {
  /** Returns false if the mail address is in use, in any spelling. */
  register(user: User, emailKey: string, passwordHash: string): Promise<boolean>;
  find(userId: string): Promise<User | undefined>;
  /** Returns accounts that a filter describes, those after the account `after`. */
  list(
    filter: UserFilter,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<readonly User[]>;
  /** Locks the account, saves the result of `change` and returns it. Throws USER_NOT_FOUND. */
  update(userId: string, change: (user: User) => User): Promise<User>;
  /**
   * Replaces the roles of an account by the result of `change`, if the caller's account has the right at that moment. Throws
   * USER_NOT_FOUND, SESSION_ENDED, RIGHT_REMOVED, LAST_ADMIN.
   */
  changeRoles(caller: Caller, userId: string, change: (user: User) => User, at: Date): Promise<User>;
  hasAdmin(): Promise<boolean>;
  /** Gives an account the roles of staff and this password, and ends its sessions. Returns false if there is an administrator. */
  restoreAdmin(userId: string, passwordHash: string, at: Date): Promise<boolean>;
}

/** The stored hash of a password. The version shows whether it has changed since. */
export interface Credentials {
  readonly user: User;
  readonly passwordHash: string;
  readonly version: number;
}

export interface CredentialStore {
  /**
   * By the key of a mail address. An account of before there were keys that has none, because another account has the
   * address, is found by the spelling it was registered with.
   */
  ofEmail(raw: string, key: string | undefined): Promise<Credentials | undefined>;
  ofUser(userId: string): Promise<Credentials | undefined>;
  /**
   * Replaces the password and ends all sessions but the caller's. Returns false if the password has changed since it was read.
   * Throws SESSION_ENDED, RIGHT_REMOVED.
   */
  replace(old: Credentials, passwordHash: string, caller: Caller, at: Date): Promise<boolean>;
}

export interface Passwords {
  hash(password: string): Promise<string>;
  /** Takes as long for no hash as for any. Throws PASSWORDS_BUSY. */
  verify(passwordHash: string | undefined, password: string): Promise<boolean>;
}

/** A password that was entered for an account. */
export interface LoginAttempt {
  /** The key of the mail address, whether there is such an account or not. */
  readonly account: string;
  readonly userId?: string | undefined;
  readonly client: Client;
  /** The session it is made in. */
  readonly device?: string | undefined;
  /** A refresh token of an earlier session, which makes the device a known one. */
  readonly refreshToken?: string | undefined;
}

/**
 * Delays log-ins after failures. A known device counts on its own, a known network with the account, others also with all failures of the
 * account: unknown clients delay neither the owner's devices nor the owner's networks.
 */
export interface LoginThrottle {
  open(attempt: LoginAttempt): Promise<{
    /** Throws LOGIN_THROTTLED with the time to wait. */
    check(): Promise<void>;
    failed(): Promise<void>;
    succeeded(): Promise<void>;
  }>;
}

/** A secret that only its bearer has; the database has its hash. */
export interface RefreshToken {
  readonly token: string;
  readonly hash: Buffer;
  readonly expiresAt: Date;
}

export interface RefreshTokens {
  /** The first token of a session. */
  first(sessionId: string, at: Date): RefreshToken;
  /** The token after `token`: the same again for the same salt. */
  successor(token: string, salt: Buffer, sessionId: string, at: Date): RefreshToken;
  newSalt(): Buffer;
  /** The stored form of a token. */
  hashOf(token: string): Buffer;
}

/** A session and whose it is. */
export interface Signed {
  readonly user: User;
  readonly sessionId: string;
}

export interface Sessions {
  /** Begins a session, unless the password has changed since it was compared. */
  open(credentials: Credentials, sessionId: string, first: RefreshToken, at: Date): Promise<Signed | undefined>;
  /**
   * Uses a token and returns its successor. For a short time the same client gets the same successor again. Throws
   * REFRESH_INVALID, or REFRESH_REUSED after ending the session.
   */
  rotate(token: string, client: string, at: Date): Promise<Signed & { readonly refresh: RefreshToken }>;
  /** Ends the session of a token, used or not. Repeating it, or an unknown token, changes nothing. */
  revoke(tokenHash: Buffer, at: Date): Promise<void>;
  /** Returns the ids of sessions that were ended after a time, in the order of their ids, those after the id `after`. */
  endedSince(
    since: Date,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<readonly string[]>;
}

export interface AccessTokens {
  readonly ttlMs: number;
  issue(signed: Signed, at: Date): Promise<string>;
}

export interface Addresses {
  /** Returns the stored address, also if it existed already. Throws USER_NOT_FOUND, ADDRESS_EXISTS, ADDRESSES_FULL. */
  create(userId: string, address: Address): Promise<Address>;
  find(userId: string, addressId: string): Promise<Address | undefined>;
  /** Oldest first. */
  list(userId: string): Promise<readonly Address[]>;
  /** Locks the address, saves the result of `change` and returns it. Throws ADDRESS_NOT_FOUND. */
  update(userId: string, addressId: string, change: (address: Address) => Address): Promise<Address>;
  /** Deleting an unknown address changes nothing. */
  delete(userId: string, addressId: string): Promise<void>;
}

/** The public half of a signing key, as the gateway and services verify tokens with it. */
export interface PublicJwk {
  readonly kty: string;
  readonly crv: string;
  readonly x: string;
  readonly kid: string;
  readonly use: "sig";
  readonly alg: "EdDSA";
}
