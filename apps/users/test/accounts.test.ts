import { fromBinary } from "@bufbuild/protobuf";
import { UserRegisteredSchema, UserUpdatedSchema } from "@kontor/shop/contracts/users/v1/events";
import { UserSort } from "@kontor/shop/contracts/users/v1/users_service";
import { eventually, rowsOf } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openShop, PASSWORD, type Shop, STAFF } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.stop());

async function published(userId: string) {
  const sql = "SELECT type, payload FROM outbox WHERE key = $1 AND published_at IS NOT NULL ORDER BY seq";
  return rowsOf<{ type: string; payload: Buffer }>(shop.db, sql, [userId]);
}

describe("registering", () => {
  it("makes a customer and publishes it", async () => {
    const request = { email: " Grace@Example.com ", password: PASSWORD, displayName: "Grace", locale: "de-at" };
    const { user } = await shop.users.register(request);
    const facts = { email: "Grace@example.com", displayName: "Grace", locale: "de-AT" };
    expect(user).toMatchObject({ ...facts, roles: ["customer"] });

    const [event] = await eventually(async () => {
      const events = await published(user?.id ?? "");
      expect(events).toHaveLength(1);
      return events;
    });
    expect(event?.type).toBe("shop.users.v1.UserRegistered");
    const message = fromBinary(UserRegisteredSchema, event?.payload ?? Buffer.alloc(0));
    expect(message).toMatchObject({ userId: user?.id, ...facts });
  });

  it("refuses a mail address that is taken in another case, also of several at once", async () => {
    const register = (email: string) => shop.users.register({ email, password: PASSWORD });
    const outcomes = await Promise.allSettled(
      ["twin@example.com", "TWIN@example.com", "Twin@Example.com"].map(register),
    );
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === "rejected")
        expect(outcome.reason).toMatchObject({ code: "ALREADY_EXISTS", reason: "EMAIL_TAKEN" });
  });

  it("names everything that is wrong", async () => {
    await expect(shop.users.register({ email: "nobody", password: "short", locale: "??" })).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      reason: "INVALID_REQUEST",
      violations: [{ field: "email" }, { field: "password" }, { field: "locale" }],
    });
  });
});

describe("an account", () => {
  it("is read by its owner and by staff, not by others", async () => {
    const ada = await shop.register("ada");
    const { auth } = await shop.signIn(ada.email);
    await shop.register("mallory");
    const mallory = await shop.signIn("mallory@example.com");
    const staff = await shop.signIn(STAFF.email, STAFF.password);

    const read = (options?: typeof auth) => shop.users.getUser({ userId: ada.userId }, options);
    expect((await read(auth)).user).toMatchObject({ id: ada.userId, email: ada.email });
    expect((await read(staff.auth)).user).toMatchObject({ id: ada.userId });
    await expect(read(mallory.auth)).rejects.toMatchObject({ code: "PERMISSION_DENIED", reason: "NOT_OWNER" });
    await expect(read()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  });

  it.each(["nobody", "0190aaaa-0000-7000-8000-000000000001", "\u0000"])("that is not there: %j", async (userId) => {
    const staff = await shop.signIn(STAFF.email, STAFF.password);
    await expect(shop.users.getUser({ userId }, staff.auth)).rejects.toMatchObject({ reason: "USER_NOT_FOUND" });
  });

  it("changes the fields of the mask, and publishes only changes", async () => {
    const { userId, email } = await shop.register("hedy");
    const { auth } = await shop.signIn(email);
    const update = (user: { displayName?: string; locale?: string }, paths: string[]) =>
      shop.users.updateUser({ user: { id: userId, ...user }, updateMask: { paths } }, auth);

    const { user } = await update({ displayName: "Hedy Lamarr", locale: "fr" }, ["display_name"]);
    expect(user).toMatchObject({ displayName: "Hedy Lamarr", locale: "en" });
    await update({ displayName: "Hedy Lamarr" }, ["display_name"]);
    await update({ locale: "de" }, ["locale"]);
    await expect(update({}, ["email"])).rejects.toMatchObject({ violations: [{ field: "user.email" }] });
    await expect(update({}, ["roles", "id", "email"])).rejects.toMatchObject({
      violations: [{ field: "user.roles" }, { field: "user.email" }],
    });
    await expect(update({}, ["created_at", "id"])).resolves.toMatchObject({ user: { email } });

    const events = await eventually(async () => {
      const all = await published(userId);
      expect(all).toHaveLength(3);
      return all.slice(1).map(({ payload }) => fromBinary(UserUpdatedSchema, payload));
    });
    expect(events).toMatchObject([{ locale: "en" }, { displayName: "Hedy Lamarr", locale: "de", email }]);
  });
});

describe("listing accounts", () => {
  const listed = async (request: Parameters<typeof shop.users.listUsers>[0]) => {
    const staff = await shop.signIn(STAFF.email, STAFF.password);
    return shop.users.listUsers({ pageSize: 100, ...request }, staff.auth);
  };
  const emails = async (request: Parameters<typeof shop.users.listUsers>[0]) =>
    (await listed(request)).users.map(({ email }) => email);
  const register = async (email: string, displayName?: string) =>
    (await shop.users.register({ email, password: PASSWORD, ...(displayName && { displayName }) })).user?.id ?? "";

  it("finds those whose name or mail address has all words of a text, sorted, page by page", async () => {
    const [b, a, c] = ["b.search@example.com", "a.search@b\u00fccher.example", "C.Search@example.com"] as const;
    await register(b, "J\u00fcrgen M\u00fcller");
    await register(a, "Zo\u00eb 100%");
    await register(c);
    expect(await emails({ text: "search@" })).toEqual([c, a, b]);
    expect(await emails({ text: "search@", orderBy: UserSort.OLDEST })).toEqual([b, a, c]);
    expect(await emails({ text: "search@", orderBy: UserSort.EMAIL })).toEqual([a, b, c]);
    for (const text of ["MUELLER", "\u00fcller jurg", " search m\u00fcller "])
      expect(await emails({ text })).toEqual([b]);
    for (const text of ["zoe", "0%", "a.search@xn--bcher-kva.example"]) expect(await emails({ text })).toEqual([a]);
    for (const text of ["m_ller", "m\u00fcller zoe", "\\"]) expect(await emails({ text })).toEqual([]);
    for (const orderBy of [UserSort.NEWEST, UserSort.OLDEST, UserSort.EMAIL]) {
      const seen: string[] = [];
      let pageToken = "";
      do {
        const page = await listed({ text: "search@", orderBy, pageSize: 1, pageToken });
        seen.push(...page.users.map(({ email }) => email));
        pageToken = page.nextPageToken ?? "";
      } while (pageToken !== "");
      expect(seen).toEqual(await emails({ text: "search@", orderBy }));
    }
  });

  it("finds a new name at once, and no longer the one before", async () => {
    const userId = await register("renamed@example.com", "Before");
    const { auth } = await shop.signIn("renamed@example.com");
    await shop.users.updateUser({ user: { id: userId, displayName: "\u00c9lodie" } }, auth);
    expect(await emails({ text: "elodie" })).toEqual(["renamed@example.com"]);
    expect(await emails({ text: "before renamed" })).toEqual([]);
  });

  it("finds accounts that pods of the version before made or renamed, without accents from the next start on", async () => {
    const userId = await register("older@example.com", "Older");
    await shop.db.query("UPDATE users SET display_name = $2, locale = 'de' WHERE id = $1", [userId, "Ren\u00e9 Older"]);
    expect(await emails({ text: "ren\u00e9 older" })).toEqual(["older@example.com"]);
    expect(await emails({ text: "rene older" })).toEqual([]);
    await shop.replica();
    expect(await emails({ text: "rene older" })).toEqual(["older@example.com"]);
    expect(await shop.db.query("SELECT id FROM users WHERE search_text IS NULL")).toEqual([]);
  });

  it.each<[string, object]>([
    ["text", { text: "x".repeat(201) }],
    ["text", { text: "a\0b" }],
    ["text", { text: "\u200b" }],
    ["orderBy", { orderBy: 9 }],
  ])("names a wrong %s", async (field, request) => {
    await expect(listed(request)).rejects.toMatchObject({ violations: [{ field }] });
  });

  it("refuses a token under another text or order", async () => {
    const { nextPageToken: pageToken = "" } = await listed({ pageSize: 1, text: "example" });
    for (const other of [{}, { text: "exampl" }, { text: "example", orderBy: UserSort.EMAIL }])
      await expect(listed({ ...other, pageToken })).rejects.toMatchObject({ violations: [{ field: "pageToken" }] });
  });

  it("goes from the newest to the oldest in pages, for staff only", async () => {
    const made = [];
    for (const name of ["one", "two", "three"]) made.unshift((await shop.register(`list-${name}`)).userId);
    const staff = await shop.signIn(STAFF.email, STAFF.password);
    const first = await shop.users.listUsers({ pageSize: 2 }, staff.auth);
    const second = await shop.users.listUsers({ pageSize: 2, pageToken: first.nextPageToken ?? "" }, staff.auth);
    expect([...first.users, ...second.users].map(({ id }) => id).slice(0, 3)).toEqual(made);

    const all = await shop.users.listUsers({ pageSize: 100 }, staff.auth);
    expect(all.nextPageToken).toBeUndefined();
    const { auth } = await shop.signIn("list-one@example.com");
    await expect(shop.users.listUsers({}, auth)).rejects.toMatchObject({ reason: "SCOPE_MISSING" });
  });

  it("refuses sizes and tokens that are none", async () => {
    const staff = await shop.signIn(STAFF.email, STAFF.password);
    for (const [field, request] of Object.entries({ pageSize: { pageSize: 101 }, pageToken: { pageToken: "x" } }))
      await expect(shop.users.listUsers(request, staff.auth)).rejects.toMatchObject({ violations: [{ field }] });
  });
});

describe("roles", () => {
  it("are set by the seeded admin and count from the next sign-in on", async () => {
    const { userId, email } = await shop.register("clerk");
    const admin = await shop.signIn(STAFF.email, STAFF.password);
    const before = await shop.signIn(email);
    await expect(shop.users.setRoles({ userId, roles: ["admin"] }, before.auth)).rejects.toMatchObject({
      reason: "SCOPE_MISSING",
    });

    const { user } = await shop.users.setRoles({ userId, roles: ["staff", "customer"] }, admin.auth);
    expect(user?.roles).toEqual(["customer", "staff"]);
    await expect(shop.users.listUsers({}, before.auth)).rejects.toMatchObject({ code: "PERMISSION_DENIED" });
    const after = await shop.signIn(email);
    await expect(shop.users.listUsers({}, after.auth)).resolves.toBeDefined();
    await expect(shop.users.setRoles({ userId, roles: ["root"] }, admin.auth)).rejects.toMatchObject({
      violations: [{ field: "roles[0]" }],
    });
  });

  it("are not set by a caller whose account has lost the right, even with an older token", async () => {
    const admin = await shop.signIn(STAFF.email, STAFF.password);
    const removed = await anAdmin("removed");
    await shop.users.setRoles({ userId: removed.userId, roles: ["customer"] }, admin.auth);
    const refused = { code: "PERMISSION_DENIED", reason: "RIGHT_REMOVED" };
    const restore = { userId: removed.userId, roles: ["admin", "staff"] };
    await expect(shop.users.setRoles(restore, removed.auth)).rejects.toMatchObject(refused);
    await expect(rolesOf(removed.userId)).resolves.toEqual(["customer"]);
    const staff = { userId: (await shop.register("friend")).userId, roles: ["admin"] };
    await expect(shop.users.setRoles(staff, removed.auth)).rejects.toMatchObject(refused);
  });

  it("are not set by a caller whose session has ended", async () => {
    const ended = await anAdmin("ended");
    await shop.users.revokeSession({ refreshToken: ended.refreshToken });
    const ending = { code: "UNAUTHENTICATED", reason: "SESSION_ENDED" };
    await expect(shop.users.setRoles({ userId: ended.userId, roles: ["admin"] }, ended.auth)).rejects.toMatchObject(
      ending,
    );
    const change = { userId: ended.userId, currentPassword: PASSWORD, newPassword: "another good password" };
    await expect(shop.users.changePassword(change, ended.auth)).rejects.toMatchObject(ending);
    await expect(shop.signIn(ended.email)).resolves.toBeDefined();
  });

  it("of two administrators who remove each other at once remain with one of them", async () => {
    for (let round = 0; round < 5; round++) {
      const [a, b] = [await anAdmin(`left-${round}`), await anAdmin(`right-${round}`)];
      const outcomes = await Promise.allSettled([
        shop.users.setRoles({ userId: b.userId, roles: ["customer"] }, a.auth),
        shop.users.setRoles({ userId: a.userId, roles: ["customer"] }, b.auth),
      ]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    }
  });

  it("of the seeded account are all, and a second start changes nothing", async () => {
    await shop.replica();
    const rows = await shop.db.query("SELECT roles FROM users WHERE email = $1", [STAFF.email]);
    expect(rows).toEqual([{ roles: ["staff", "admin"] }]);
  });
});

async function rolesOf(userId: string) {
  const [row] = await rowsOf<{ roles: string[] }>(shop.db, "SELECT roles FROM users WHERE id = $1", [userId]);
  return row?.roles;
}

async function anAdmin(name: string) {
  const { userId, email } = await shop.register(name);
  const admin = await shop.signIn(STAFF.email, STAFF.password);
  await shop.users.setRoles({ userId, roles: ["admin"] }, admin.auth);
  return { email, ...(await shop.signIn(email)) };
}
