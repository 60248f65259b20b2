import { userErrors } from "../src/domain/errors.ts";
import { sameProfile, type User } from "../src/domain/user.ts";
import { searchTextOf, type UserSort } from "../src/domain/user-search.ts";
import type { CredentialStore, Credentials, Users } from "../src/ports.ts";
import type { Accounts, Tx } from "./memory-accounts.ts";

/** Accounts in memory. */
export function memoryUsers(accounts: Accounts): Users {
  const { db, users, userOfEmail, passwords } = accounts;
  const isAdmin = ({ roles }: User) => roles.includes("admin");

  function require(tx: Tx, userId: string): User {
    const user = users.rows(tx).get(userId);
    if (user === undefined) throw userErrors.USER_NOT_FOUND({ userId });
    return user;
  }

  return {
    register: (user, emailKey, passwordHash) =>
      db.transaction(async (tx) => {
        if (userOfEmail.rows(tx).has(emailKey)) return false;
        userOfEmail.rows(tx).set(emailKey, user.id);
        users.rows(tx).set(user.id, user);
        passwords.rows(tx).set(user.id, { passwordHash, version: 1 });
        accounts.registered(tx, user.id);
        return true;
      }),
    find: async (userId) => users.rows().get(userId),
    async list({ words, sort }, { after, limit }) {
      const last = after === undefined ? undefined : users.rows().get(after);
      const found = [...users.rows().values()]
        .filter((user) => words.every((spellings) => spellings.some((text) => searchTextOf(user).includes(text))))
        .filter((user) => after === undefined || (last !== undefined && compare(sort, last, user) < 0));
      return found.sort((a, b) => compare(sort, a, b)).slice(0, limit);
    },
    update: (userId, change) =>
      db.transaction(async (tx) => {
        const before = require(tx, userId);
        const after = change(before);
        users.rows(tx).set(userId, { ...before, displayName: after.displayName, locale: after.locale });
        if (!sameProfile(before, after)) accounts.updated(tx, userId);
        return after;
      }),
    changeRoles: (caller, userId, change, at) =>
      db.transaction(async (tx) => {
        accounts.requireRight(tx, caller, "users.admin", at);
        const before = require(tx, userId);
        const { roles } = change(before);
        users.rows(tx).set(userId, { ...before, roles });
        if (![...users.rows(tx).values()].some(isAdmin)) throw userErrors.LAST_ADMIN();
        return { ...before, roles };
      }),
    hasAdmin: async () => [...users.rows().values()].some(isAdmin),
    restoreAdmin: (userId, passwordHash, at) =>
      db.transaction(async (tx) => {
        if ([...users.rows(tx).values()].some(isAdmin)) return false;
        users.rows(tx).set(userId, { ...require(tx, userId), roles: ["staff", "admin"] });
        const version = (passwords.rows(tx).get(userId)?.version ?? 0) + 1;
        passwords.rows(tx).set(userId, { passwordHash, version });
        accounts.endSessions(tx, at, (_, session) => session.userId === userId);
        return true;
      }),
  };
}

/** Passwords in memory. */
export function memoryCredentials(accounts: Accounts): CredentialStore {
  const { db, users, userOfEmail, passwords } = accounts;
  function of(user: User | undefined): Credentials | undefined {
    const password = user && passwords.rows().get(user.id);
    return user && password && { user, ...password };
  }
  return {
    ofEmail: async (_raw, key) => of(users.rows().get(userOfEmail.rows().get(key ?? "") ?? "")),
    ofUser: async (userId) => of(users.rows().get(userId)),
    replace: ({ user, version }, passwordHash, caller, at) =>
      db.transaction(async (tx) => {
        accounts.requireRight(tx, caller, "profile.write", at);
        if (passwords.rows(tx).get(user.id)?.version !== version) return false;
        passwords.rows(tx).set(user.id, { passwordHash, version: version + 1 });
        accounts.endSessions(tx, at, (id, session) => session.userId === user.id && id !== caller.sessionId);
        return true;
      }),
  };
}

function compare(sort: UserSort, a: User, b: User): number {
  if (sort === "email") return order(a.email.toLowerCase(), b.email.toLowerCase());
  return sort === "oldest" ? order(a.id, b.id) : order(b.id, a.id);
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
