import { randomUUID } from "node:crypto";
import { SessionEndedSchema, UserRegisteredSchema, UserUpdatedSchema } from "@kontor/shop/contracts/users/v1/events";
import { startPostgres } from "@kontor/testing";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { MOST_ADDRESSES } from "../src/domain/address.ts";
import { changeRoles, type User } from "../src/domain/user.ts";
import { searchWords, type UserSort } from "../src/domain/user-search.ts";
import { anAddress, at, aUser, later } from "./builders.ts";
import { memoryStores, postgresStores, type UserStores } from "./stores.ts";

const postgres = await startPostgres();
let time = at;
const now = () => time;
/** Returns a hash in the form of Argon2. */
const hash = (n: number) => `$argon2id$v=19$m=1,t=1,p=1$c2FsdA$${n}`;

const inPostgres = await postgresStores(postgres, now);
afterAll(async () => {
  await inPostgres.close();
  await postgres.stop();
});

describe.each<[string, () => UserStores]>([
  ["on PostgreSQL", () => inPostgres],
  ["in memory", () => memoryStores(now)],
])("stores %s", (_, create) => {
  let stores: UserStores;
  beforeEach(async () => {
    time = at;
    stores = create();
    await stores.clear();
  });

  const reason = (name: string) => ({ reason: name });
  const typesOf = async (key: string) =>
    (await stores.published()).filter((event) => event.key === key).map(({ type }) => type);
  async function register(overrides: Partial<User> = {}): Promise<User> {
    const user = aUser(overrides);
    expect(await stores.users.register(user, user.email, hash(1))).toBe(true);
    return user;
  }
  async function signIn(user: User) {
    const credentials = await stores.credentials.ofUser(user.id);
    if (credentials === undefined) throw new Error("The user has no password.");
    const sessionId = randomUUID();
    const first = stores.refreshTokens.first(sessionId, time);
    expect(await stores.sessions.open(credentials, sessionId, first, time)).toEqual({ user, sessionId });
    return { sessionId, token: first.token, caller: { userId: user.id, sessionId }, credentials };
  }

  describe("accounts", () => {
    it("are registered once per mail address, and published", async () => {
      const user = await register();
      expect(await stores.users.register(aUser({ email: "other@x.example" }), user.email, hash(9))).toBe(false);
      expect(await stores.users.find(user.id)).toEqual(user);
      expect(await stores.users.find(randomUUID())).toBeUndefined();
      expect(await stores.users.find("none")).toBeUndefined();
      expect(await stores.published()).toEqual([{ type: UserRegisteredSchema.typeName, key: user.id }]);
    });

    it("are updated, and published only if something changed", async () => {
      const user = await register();
      const renamed = { ...user, displayName: "Ada" };
      expect(await stores.users.update(user.id, (before) => ({ ...before, displayName: "Ada" }))).toEqual(renamed);
      await stores.users.update(user.id, (before) => before);
      expect(await stores.users.find(user.id)).toEqual(renamed);
      expect(await typesOf(user.id)).toEqual([UserRegisteredSchema.typeName, UserUpdatedSchema.typeName]);
      await expect(stores.users.update(randomUUID(), (before) => before)).rejects.toMatchObject(
        reason("USER_NOT_FOUND"),
      );
    });

    it("remain unchanged when a change throws", async () => {
      const user = await register();
      const fails = () => {
        throw new Error("refused");
      };
      await expect(stores.users.update(user.id, fails)).rejects.toThrow("refused");
      expect(await stores.users.find(user.id)).toEqual(user);
    });

    it.each<[UserSort, string]>([
      ["newest", "c a b"],
      ["oldest", "b a c"],
      ["email", "a b c"],
    ])("are listed %s first, page by page, by all their words", async (sort, expected) => {
      for (const name of ["b", "a", "c"]) await register({ email: `${name}@list.example`, displayName: `Zoë ${name}` });
      await register({ email: "else@x.example", displayName: "Else" });
      const filter = { words: searchWords("zoe list"), sort };
      const seen: User[] = [];
      for (;;) {
        const page = await stores.users.list(filter, { after: seen.at(-1)?.id, limit: 2 });
        seen.push(...page);
        if (page.length < 2) break;
      }
      expect(seen.map(({ email }) => email[0]).join(" ")).toBe(expected);
    });
  });

  describe("roles", () => {
    it("are changed by an administrator whose session is open, and never taken from the last one", async () => {
      const [admin, user] = [await register({ roles: ["admin"] }), await register()];
      const { caller } = await signIn(admin);
      const setRoles = (id: string, ...roles: string[]) =>
        stores.users.changeRoles(caller, id, (before) => changeRoles(before, roles), time);
      expect(await setRoles(user.id, "staff")).toEqual({ ...user, roles: ["staff"] });
      await expect(setRoles(admin.id, "customer")).rejects.toMatchObject(reason("LAST_ADMIN"));
      expect(await stores.users.find(admin.id)).toEqual(admin);
      await expect(setRoles(randomUUID(), "staff")).rejects.toMatchObject(reason("USER_NOT_FOUND"));
      await setRoles(user.id, "admin");
      expect(await setRoles(admin.id, "customer")).toMatchObject({ roles: ["customer"] });
      await expect(setRoles(user.id, "customer")).rejects.toMatchObject(reason("RIGHT_REMOVED"));
    });

    it("are not changed by a session that is over, unknown or another user's", async () => {
      const [admin, user] = [await register({ roles: ["admin"] }), await register()];
      const { caller, token } = await signIn(admin);
      const { sessionId } = await signIn(user);
      const change = (by: typeof caller) => stores.users.changeRoles(by, user.id, (before) => before, time);
      for (const other of [
        { ...caller, sessionId: randomUUID() },
        { ...caller, sessionId },
      ])
        await expect(change(other)).rejects.toMatchObject(reason("SESSION_ENDED"));
      await stores.sessions.revoke(stores.refreshTokens.hashOf(token), time);
      await expect(change(caller)).rejects.toMatchObject(reason("SESSION_ENDED"));
    });

    it("of staff are restored to an account only while there is no administrator", async () => {
      const user = await register();
      const { sessionId } = await signIn(user);
      expect(await stores.users.hasAdmin()).toBe(false);
      expect(await stores.users.restoreAdmin(user.id, hash(2), time)).toBe(true);
      expect(await stores.users.hasAdmin()).toBe(true);
      expect(await stores.users.restoreAdmin(user.id, hash(3), time)).toBe(false);
      expect(await stores.credentials.ofUser(user.id)).toMatchObject({ passwordHash: hash(2), version: 2 });
      expect(await typesOf(sessionId)).toEqual([SessionEndedSchema.typeName]);
    });
  });

  describe("passwords", () => {
    it("are found by mail address and user", async () => {
      const user = await register();
      const expected = { user, passwordHash: hash(1), version: 1 };
      expect(await stores.credentials.ofEmail(user.email, user.email)).toEqual(expected);
      expect(await stores.credentials.ofUser(user.id)).toEqual(expected);
      expect(await stores.credentials.ofEmail("none@x.example", "none@x.example")).toBeUndefined();
      expect(await stores.credentials.ofUser("none")).toBeUndefined();
    });

    it("are replaced once per version, which ends the other sessions", async () => {
      const user = await register();
      const [mine, other] = [await signIn(user), await signIn(user)];
      expect(await stores.credentials.replace(mine.credentials, hash(2), mine.caller, time)).toBe(true);
      expect(await stores.credentials.replace(mine.credentials, hash(3), mine.caller, time)).toBe(false);
      expect(await stores.credentials.ofUser(user.id)).toMatchObject({ passwordHash: hash(2), version: 2 });
      expect([await typesOf(mine.sessionId), await typesOf(other.sessionId)]).toEqual([
        [],
        [SessionEndedSchema.typeName],
      ]);
      await expect(stores.credentials.replace(mine.credentials, hash(4), other.caller, time)).rejects.toMatchObject(
        reason("SESSION_ENDED"),
      );
    });
  });

  describe("sessions", () => {
    it("are not opened with a password that has changed", async () => {
      const user = await register();
      const { caller, credentials } = await signIn(user);
      await stores.credentials.replace(credentials, hash(2), caller, time);
      const first = stores.refreshTokens.first(randomUUID(), time);
      expect(await stores.sessions.open(credentials, randomUUID(), first, time)).toBeUndefined();
    });

    it("go on with a successor, the same again for the same client for a short time", async () => {
      const user = await register();
      const { token, sessionId } = await signIn(user);
      const rotated = await stores.sessions.rotate(token, "client-1", time);
      expect(rotated).toMatchObject({ user, sessionId });
      expect(await stores.sessions.rotate(token, "client-1", later(10_000))).toMatchObject({
        refresh: { token: rotated.refresh.token },
      });
      expect(await stores.sessions.rotate(rotated.refresh.token, "client-1", time)).toMatchObject({ sessionId });
    });

    it.each([
      ["by another client", "client-2", 1_000],
      ["late", "client-1", 10_001],
    ])("end when a token is used again %s", async (_name, client, ms) => {
      const { token, sessionId } = await signIn(await register());
      const { refresh } = await stores.sessions.rotate(token, "client-1", time);
      await expect(stores.sessions.rotate(token, client, later(ms))).rejects.toMatchObject(reason("REFRESH_REUSED"));
      await expect(stores.sessions.rotate(refresh.token, "client-1", later(ms))).rejects.toMatchObject(
        reason("REFRESH_INVALID"),
      );
      expect(await typesOf(sessionId)).toEqual([SessionEndedSchema.typeName]);
    });

    it("end with their token, once, and are listed by id since a time", async () => {
      const user = await register();
      const all = [await signIn(user), await signIn(user), await signIn(user)];
      for (const { token } of [...all, ...all])
        await stores.sessions.revoke(stores.refreshTokens.hashOf(token), later(5));
      await stores.sessions.revoke(stores.refreshTokens.hashOf("unknown"), time);
      const ids = all.map(({ sessionId }) => sessionId).sort();
      expect(await stores.sessions.endedSince(time, { after: undefined, limit: 2 })).toEqual(ids.slice(0, 2));
      expect(await stores.sessions.endedSince(time, { after: ids[1], limit: 2 })).toEqual(ids.slice(2));
      expect(await stores.sessions.endedSince(later(5), { after: undefined, limit: 2 })).toEqual([]);
      expect(await typesOf(ids[0] ?? "")).toEqual([SessionEndedSchema.typeName]);
    });

    it("accept no token that is unknown or has expired", async () => {
      const { token } = await signIn(await register());
      for (const [used, when] of [
        ["unknown", time],
        [token, later(86_400_001)],
      ] as const)
        await expect(stores.sessions.rotate(used, "c", when)).rejects.toMatchObject(reason("REFRESH_INVALID"));
    });
  });

  describe("addresses", () => {
    it("are created once, found, listed, changed and deleted", async () => {
      const { id } = await register();
      const home = anAddress();
      expect(await stores.addresses.create(id, home)).toEqual(home);
      expect(await stores.addresses.create(id, home)).toEqual(home);
      await expect(stores.addresses.create(id, { ...home, city: "Ulm" })).rejects.toMatchObject(
        reason("ADDRESS_EXISTS"),
      );
      const work = await stores.addresses.create(id, anAddress({ id: "work" }));
      expect(await stores.addresses.list(id)).toEqual([home, work]);
      const moved = { ...home, city: "Ulm" };
      expect(await stores.addresses.update(id, "home", (before) => ({ ...before, city: "Ulm" }))).toEqual(moved);
      expect(await stores.addresses.find(id, "home")).toEqual(moved);
      await stores.addresses.delete(id, "home");
      await stores.addresses.delete(id, "home");
      expect(await stores.addresses.list(id)).toEqual([work]);
      expect(await stores.addresses.find(id, "home")).toBeUndefined();
    });

    it("belong to users that exist, and are limited", async () => {
      await expect(stores.addresses.create(randomUUID(), anAddress())).rejects.toMatchObject(reason("USER_NOT_FOUND"));
      const { id } = await register();
      for (let n = 0; n < MOST_ADDRESSES; n += 1) await stores.addresses.create(id, anAddress({ id: `a-${n}` }));
      await expect(stores.addresses.create(id, anAddress())).rejects.toMatchObject(reason("ADDRESSES_FULL"));
      await expect(stores.addresses.update(id, "none", (it) => it)).rejects.toMatchObject(reason("ADDRESS_NOT_FOUND"));
    });
  });

  describe("delays of log-ins", () => {
    const stranger = { network: "n-1", name: "c-1" };
    const fail = async (attempt: Parameters<UserStores["throttle"]["open"]>[0], times: number) => {
      for (let n = 0; n < times; n += 1) await (await stores.throttle.open(attempt)).failed();
    };
    const check = async (attempt: Parameters<UserStores["throttle"]["open"]>[0]) =>
      (await stores.throttle.open(attempt)).check();

    it("begin after the free failures, and grow", async () => {
      const attempt = { account: "a@x.example", client: stranger };
      await fail(attempt, 2);
      await check(attempt);
      await fail(attempt, 1);
      await expect(check(attempt)).rejects.toMatchObject({ reason: "LOGIN_THROTTLED", retryAfterMs: 1_000 });
      await fail(attempt, 1);
      await expect(check(attempt)).rejects.toMatchObject({ retryAfterMs: 2_000 });
      time = later(2_000);
      await check(attempt);
    });

    it("end with a success, and after the time in which failures count", async () => {
      const user = await register();
      const attempt = { account: user.email, userId: user.id, client: stranger };
      await fail(attempt, 3);
      await (await stores.throttle.open(attempt)).succeeded();
      await check(attempt);
      await fail(attempt, 2);
      time = later(3_600_001);
      await fail(attempt, 1);
      await check(attempt);
    });

    it("of strangers do not delay a known device or network", async () => {
      const user = await register();
      const { token, sessionId } = await signIn(user);
      const home = { network: "home", name: "browser" };
      const owner = { account: user.email, userId: user.id, client: home };
      await (await stores.throttle.open(owner)).succeeded();
      for (const network of ["n-1", "n-2", "n-3"]) await fail({ ...owner, client: { ...stranger, network } }, 3);
      await expect(check({ ...owner, client: { ...stranger, network: "n-4" } })).rejects.toMatchObject(
        reason("LOGIN_THROTTLED"),
      );
      await check(owner);
      await check({ ...owner, client: stranger, refreshToken: token });
      await check({ ...owner, client: stranger, device: sessionId });
    });
  });
});
