import { SessionEndedSchema, UserRegisteredSchema, UserUpdatedSchema } from "@kontor/shop/contracts/users/v1/events";
import { createMemoryDatabase, type MemoryDatabase } from "@kontor/testing/memory-database";
import type { Address } from "../src/domain/address.ts";
import { userErrors } from "../src/domain/errors.ts";
import { scopesOf } from "../src/domain/role.ts";
import type { User } from "../src/domain/user.ts";
import type { Caller } from "../src/ports.ts";

export interface Password {
  readonly passwordHash: string;
  readonly version: number;
}

export interface Session {
  readonly userId: string;
  readonly expiresAt: Date;
  readonly revokedAt?: Date;
}

export interface Token {
  readonly sessionId: string;
  readonly expiresAt: Date;
  readonly used?: { readonly at: Date; readonly by: string; readonly salt: Buffer };
}

export interface Published {
  readonly type: string;
  readonly key: string;
}

export type Tx = Parameters<Parameters<MemoryDatabase["transaction"]>[0]>[0];
export type Accounts = ReturnType<typeof createAccounts>;

/** Creates the tables that the in-memory stores of users share. */
export function createAccounts() {
  const db = createMemoryDatabase();
  const users = db.table<string, User>();
  const userOfEmail = db.table<string, string>();
  const passwords = db.table<string, Password>();
  const sessions = db.table<string, Session>();
  const tokens = db.table<string, Token>();
  const addresses = db.table<string, readonly Address[]>();
  const outbox = db.table<number, Published>();

  const publish = (tx: Tx, type: string, key: string) => void outbox.rows(tx).set(outbox.rows(tx).size, { type, key });
  return {
    ...{ db, users, userOfEmail, passwords, sessions, tokens, addresses },
    published: (): readonly Published[] => [...outbox.rows().values()],
    registered: (tx: Tx, userId: string) => publish(tx, UserRegisteredSchema.typeName, userId),
    updated: (tx: Tx, userId: string) => publish(tx, UserUpdatedSchema.typeName, userId),
    /** Ends the sessions for which `chosen` is true, and publishes their ends. */
    endSessions(tx: Tx, at: Date, chosen: (id: string, session: Session) => boolean): void {
      for (const [id, session] of sessions.rows(tx)) {
        if (session.revokedAt !== undefined || !chosen(id, session)) continue;
        sessions.rows(tx).set(id, { ...session, revokedAt: at });
        publish(tx, SessionEndedSchema.typeName, id);
      }
    },
    /** Throws SESSION_ENDED or RIGHT_REMOVED unless the caller may do at present what the scope permits. */
    requireRight(tx: Tx, { userId, sessionId = "" }: Caller, scope: string, at: Date): void {
      const session = sessions.rows(tx).get(sessionId);
      const open = session?.userId === userId && session.revokedAt === undefined && session.expiresAt > at;
      const user = users.rows(tx).get(userId);
      if (!open || user === undefined) throw userErrors.SESSION_ENDED();
      if (!scopesOf(user.roles).includes(scope)) throw userErrors.RIGHT_REMOVED({ scope });
    },
  };
}
