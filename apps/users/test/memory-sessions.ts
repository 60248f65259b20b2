import { userErrors } from "../src/domain/errors.ts";
import type { RefreshTokens, Sessions } from "../src/ports.ts";
import type { Accounts, Token, Tx } from "./memory-accounts.ts";

interface Options {
  readonly refreshTokens: RefreshTokens;
  /** For how long a client that uses a token again gets the same successor. */
  readonly reuseMs: number;
}

/** Sessions in memory. */
export function memorySessions(accounts: Accounts, { refreshTokens, reuseMs }: Options): Sessions {
  const { db, users, passwords, sessions, tokens } = accounts;
  const keyOf = (hash: Buffer) => hash.toString("hex");

  /** Returns the salt for the successor of a token; undefined if a second use of it must end the session. */
  function saltFor({ used }: Token, by: string, at: Date): Buffer | undefined {
    if (used === undefined) return refreshTokens.newSalt();
    return used.by === by && at.getTime() - used.at.getTime() <= reuseMs ? used.salt : undefined;
  }

  function rotate(tx: Tx, text: string, client: string, at: Date) {
    const key = keyOf(refreshTokens.hashOf(text));
    const token = tokens.rows(tx).get(key);
    const session = token && sessions.rows(tx).get(token.sessionId);
    const user = session && users.rows(tx).get(session.userId);
    if (token === undefined || session === undefined || user === undefined) return undefined;
    const { sessionId } = token;
    const by = keyOf(refreshTokens.hashOf(client));
    const salt = saltFor(token, by, at);
    if (salt === undefined) {
      accounts.endSessions(tx, at, (id) => id === sessionId);
      return "reused";
    }
    if (session.revokedAt !== undefined || token.expiresAt <= at) return undefined;
    const refresh = refreshTokens.successor(text, salt, sessionId, at);
    if (token.used === undefined) {
      tokens.rows(tx).set(key, { ...token, used: { at, by, salt } });
      tokens.rows(tx).set(keyOf(refresh.hash), { sessionId, expiresAt: refresh.expiresAt });
      sessions.rows(tx).set(sessionId, { ...session, expiresAt: refresh.expiresAt });
    }
    return { user, sessionId, refresh };
  }

  return {
    open: ({ user, version }, sessionId, first) =>
      db.transaction(async (tx) => {
        if (passwords.rows(tx).get(user.id)?.version !== version) return undefined;
        sessions.rows(tx).set(sessionId, { userId: user.id, expiresAt: first.expiresAt });
        tokens.rows(tx).set(keyOf(first.hash), { sessionId, expiresAt: first.expiresAt });
        return { user, sessionId };
      }),
    async rotate(token, client, at) {
      const rotated = await db.transaction(async (tx) => rotate(tx, token, client, at));
      if (rotated === "reused") throw userErrors.REFRESH_REUSED();
      if (rotated === undefined) throw userErrors.REFRESH_INVALID();
      return rotated;
    },
    revoke: (tokenHash, at) =>
      db.transaction(async (tx) => {
        const token = tokens.rows(tx).get(keyOf(tokenHash));
        accounts.endSessions(tx, at, (id) => id === token?.sessionId);
      }),
    async endedSince(since, { after = "", limit }) {
      const ended = [...sessions.rows()].filter(([, { revokedAt }]) => revokedAt !== undefined && revokedAt > since);
      return ended
        .map(([id]) => id)
        .filter((id) => id > after)
        .sort()
        .slice(0, limit);
    },
  };
}
