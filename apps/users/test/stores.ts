import { type Database, migrate, openDatabase } from "@kontor/postgres";
import { migrationsOf } from "@kontor/service";
import { createLogger } from "@kontor/telemetry";
import { type Postgres, rowsOf } from "@kontor/testing";
import { usersApp } from "../src/app.ts";
import { createAddressStore } from "../src/outbound/address-store.ts";
import { createCredentialStore } from "../src/outbound/credential-store.ts";
import { createLoginThrottle } from "../src/outbound/login-throttle.ts";
import { createRefreshTokens } from "../src/outbound/refresh-tokens.ts";
import { createSessionStore } from "../src/outbound/session-store.ts";
import { createUserStore } from "../src/outbound/user-store.ts";
import type { Addresses, CredentialStore, LoginThrottle, RefreshTokens, Sessions, Users } from "../src/ports.ts";
import { createAccounts, type Published } from "./memory-accounts.ts";
import { memoryAddresses } from "./memory-addresses.ts";
import { memorySessions } from "./memory-sessions.ts";
import { memoryThrottle } from "./memory-throttle.ts";
import { memoryCredentials, memoryUsers } from "./memory-users.ts";

/** The stores of users, on PostgreSQL or in memory. */
export interface UserStores {
  readonly users: Users;
  readonly credentials: CredentialStore;
  readonly sessions: Sessions;
  readonly addresses: Addresses;
  readonly throttle: LoginThrottle;
  readonly refreshTokens: RefreshTokens;
  /** Returns the events in the outbox, in order. */
  readonly published: () => Promise<readonly Published[]>;
  readonly clear: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const DAY = 86_400_000;
const REUSE_MS = 10_000;
const throttling = { free: 2, longestMs: 60_000, windowMs: 3_600_000 };

/** Creates empty stores in memory. They pass the tests of `stores.test.ts`, as those on PostgreSQL do. */
export function memoryStores(now: () => Date): UserStores {
  const accounts = createAccounts();
  const refreshTokens = createRefreshTokens(DAY);
  return {
    users: memoryUsers(accounts),
    credentials: memoryCredentials(accounts),
    sessions: memorySessions(accounts, { refreshTokens, reuseMs: REUSE_MS }),
    addresses: memoryAddresses(accounts),
    throttle: memoryThrottle(accounts, { now, ...throttling }),
    refreshTokens,
    published: async () => accounts.published(),
    clear: async () => undefined,
    close: async () => undefined,
  };
}

/** Creates stores in a new database. `clear` empties them. */
export async function postgresStores(postgres: Postgres, now: () => Date): Promise<UserStores> {
  const { url } = await postgres.createDatabase("users");
  await migrate({ url, folders: migrationsOf(usersApp), log: { info: () => undefined } });
  const db: Database = openDatabase({ url, service: "users", max: 4 });
  const log = createLogger({ service: "test", level: "silent" });
  const refreshTokens = createRefreshTokens(DAY);
  return {
    users: createUserStore(db),
    credentials: createCredentialStore(db),
    sessions: createSessionStore({ db, refreshTokens, reuseMs: REUSE_MS }),
    addresses: createAddressStore(db),
    throttle: createLoginThrottle({ db, log, now, ...throttling }),
    refreshTokens,
    published: () => rowsOf<Published>(db, "SELECT type, key FROM outbox ORDER BY seq"),
    clear: async () => void (await db.query("TRUNCATE users, login_failures, outbox CASCADE")),
    close: () => db.close(),
  };
}
