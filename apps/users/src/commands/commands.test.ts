import { describe, expect, it } from "vitest";
import { anAddress, at, aUser } from "../../test/builders.ts";
import { memoryStores } from "../../test/stores.ts";
import type { Passwords, Signed } from "../ports.ts";
import { listEndedSessions } from "../queries/list-ended-sessions.ts";
import { listUsers } from "../queries/list-users.ts";
import { changePassword } from "./change-password.ts";
import { comparePassword } from "./compare-password.ts";
import { createAddress } from "./create-address.ts";
import { logIn } from "./log-in.ts";
import { refreshSession } from "./refresh-session.ts";
import { registerUser } from "./register-user.ts";
import { revokeSession } from "./revoke-session.ts";
import { seedStaff } from "./seed-staff.ts";
import { setRoles } from "./set-roles.ts";
import { updateAddress } from "./update-address.ts";

const PASSWORD = "correct horse battery";
const client = { network: "n-1", name: "browser" };

/** Hashes as a test can read them. */
const passwords: Passwords = {
  hash: async (password) => `hash of ${password}`,
  verify: async (hash, password) => hash === `hash of ${password}`,
};

function openUsers() {
  const clock = { time: at };
  const now = () => clock.time;
  const stores = memoryStores(now);
  const { users, credentials, sessions, addresses, throttle, refreshTokens } = stores;
  const tokens = { ttlMs: 900_000, issue: async ({ user, sessionId }: Signed) => `${user.id} ${sessionId}` };
  const compare = comparePassword({ passwords, throttle });
  const register = registerUser({ users, passwords, now });
  const enter = logIn({ credentials, compare, sessions, tokens, refreshTokens, now });
  return {
    ...{ stores, clock, register },
    logIn: (email: string, password = PASSWORD) => enter({ email, password, client, refreshToken: undefined }),
    refresh: refreshSession({ sessions, tokens, now }),
    revoke: revokeSession({ sessions, refreshTokens, now }),
    changePassword: changePassword({ credentials, compare, passwords, now }),
    setRoles: setRoles({ users, now }),
    seedStaff: seedStaff({ users, credentials, passwords, register, now }),
    createAddress: createAddress({ addresses }),
    updateAddress: updateAddress({ addresses }),
    listUsers: listUsers({ users }),
    ended: listEndedSessions({ sessions, ttlMs: tokens.ttlMs, now }),
  };
}

const registration = { email: "Ada@x.example", password: PASSWORD, displayName: " Ada ", locale: "" };
const reason = (name: string) => ({ reason: name });
async function withAda() {
  const app = openUsers();
  const ada = await app.register(registration);
  const session = await app.logIn(ada.email);
  const [, sessionId = ""] = session.accessToken.split(" ");
  return { ...app, ada, session, caller: { userId: ada.id, sessionId } };
}

describe("registering", () => {
  it("creates a customer, with texts in their stored form", async () => {
    const { stores, register } = openUsers();
    const user = await register(registration);
    expect(user).toMatchObject({ displayName: "Ada", locale: "en", roles: ["customer"], createdAt: at });
    expect(await stores.users.find(user.id)).toEqual(user);
  });

  it("names all that is wrong, and refuses a mail address in another spelling", async () => {
    const { register } = openUsers();
    await expect(register({ email: "ada", password: "short", displayName: "", locale: "??" })).rejects.toMatchObject({
      violations: [{ field: "email" }, { field: "password" }, { field: "locale" }],
    });
    await register(registration);
    await expect(register({ ...registration, email: "ada@X.EXAMPLE" })).rejects.toMatchObject(reason("EMAIL_TAKEN"));
  });
});

describe("logging in", () => {
  it("begins a session", async () => {
    const { ada, session } = await withAda();
    expect(session).toMatchObject({ userId: ada.id, expiresInSeconds: 900 });
    expect(session.accessToken).toContain(ada.id);
  });

  it("refuses an unknown account like a wrong password, and an invalid mail address", async () => {
    const { logIn: enter } = await withAda();
    for (const [email, password] of [
      ["ada@x.example", "wrong"],
      ["none@x.example", PASSWORD],
    ] as const)
      await expect(enter(email, password)).rejects.toMatchObject(reason("CREDENTIALS_WRONG"));
    await expect(enter("ada")).rejects.toMatchObject({ violations: [{ field: "email", code: "NOT_AN_EMAIL" }] });
  });

  it("waits after failures, also with the right password, and continues after the delay", async () => {
    const { clock, logIn: enter, ada } = await withAda();
    for (let n = 0; n < 3; n += 1) await expect(enter(ada.email, "wrong")).rejects.toThrow();
    await expect(enter(ada.email)).rejects.toMatchObject({ reason: "LOGIN_THROTTLED", retryAfterMs: 1_000 });
    clock.time = new Date(at.getTime() + 1_000);
    expect(await enter(ada.email)).toMatchObject({ userId: ada.id });
  });
});

describe("a session", () => {
  it("goes on with a successor of its token, and ends when a token is used again later", async () => {
    const { clock, refresh, session, ended, caller } = await withAda();
    const next = await refresh(session.refreshToken, "browser");
    expect(await refresh(session.refreshToken, "browser")).toMatchObject({ refreshToken: next.refreshToken });
    clock.time = new Date(at.getTime() + 60_000);
    await expect(refresh(session.refreshToken, "browser")).rejects.toMatchObject(reason("REFRESH_REUSED"));
    await expect(refresh(next.refreshToken, "browser")).rejects.toMatchObject(reason("REFRESH_INVALID"));
    expect((await ended({ pageSize: 10, pageToken: "" })).items).toEqual([caller.sessionId]);
  });

  it("ends with its token, and a second end changes nothing", async () => {
    const { refresh, revoke, session } = await withAda();
    await revoke(session.refreshToken);
    await revoke(session.refreshToken);
    await expect(refresh(session.refreshToken, "browser")).rejects.toMatchObject(reason("REFRESH_INVALID"));
  });
});

describe("changing a password", () => {
  it("ends the other sessions, and the new one counts", async () => {
    const { ada, caller, changePassword: change, logIn: enter, refresh } = await withAda();
    const other = await enter(ada.email);
    const request = { userId: ada.id, currentPassword: PASSWORD, newPassword: "another good one", caller, client };
    await change(request);
    await expect(refresh(other.refreshToken, "browser")).rejects.toMatchObject(reason("REFRESH_INVALID"));
    await expect(enter(ada.email)).rejects.toMatchObject(reason("CREDENTIALS_WRONG"));
    expect(await enter(ada.email, "another good one")).toMatchObject({ userId: ada.id });
  });

  it("is refused with a wrong or a weak password, and for unknown users", async () => {
    const { ada, caller, changePassword: change } = await withAda();
    const request = { userId: ada.id, currentPassword: "wrong", newPassword: "another good one", caller, client };
    await expect(change(request)).rejects.toMatchObject(reason("CREDENTIALS_WRONG"));
    await expect(change({ ...request, newPassword: "short" })).rejects.toMatchObject({
      violations: [{ field: "newPassword" }],
    });
    await expect(change({ ...request, userId: aUser().id })).rejects.toMatchObject(reason("USER_NOT_FOUND"));
  });
});

describe("the first administrator", () => {
  it("is created once, and restores nothing while there is one", async () => {
    const { seedStaff: seed, logIn: enter, stores } = openUsers();
    expect(await seed("boss@x.example", PASSWORD)).toBe("created");
    expect(await seed("boss@x.example", "another good one")).toBe("existing");
    expect(await stores.users.hasAdmin()).toBe(true);
    expect(await enter("boss@x.example")).toBeDefined();
  });

  it("gets an account that exists while there is no administrator, with the password of the settings", async () => {
    const { ada, seedStaff: seed, logIn: enter, setRoles: set, session, refresh } = await withAda();
    expect(await seed(ada.email, "another good one")).toBe("restored");
    await expect(refresh(session.refreshToken, "browser")).rejects.toMatchObject(reason("REFRESH_INVALID"));
    const admin = await enter(ada.email, "another good one");
    const [userId = "", sessionId] = admin.accessToken.split(" ");
    await expect(set({ userId, sessionId }, userId, ["customer"])).rejects.toMatchObject(reason("LAST_ADMIN"));
  });
});

describe("addresses", () => {
  it("get an id if they have none, and change field by field", async () => {
    const { ada, createAddress: create, updateAddress: update } = await withAda();
    const { id, ...rest } = await create(ada.id, anAddress({ id: "" }));
    expect(id).not.toBe("");
    expect(await update(ada.id, id, () => ({ city: "Ulm" }))).toEqual({ id, ...rest, city: "Ulm" });
    await expect(update(ada.id, "none", () => ({}))).rejects.toMatchObject(reason("ADDRESS_NOT_FOUND"));
  });
});

describe("listing accounts", () => {
  it("goes on after the last account of a page", async () => {
    const { listUsers: list, register } = openUsers();
    for (const name of ["a", "b", "c"]) await register({ ...registration, email: `${name}@x.example` });
    const filter = { words: [], sort: "email" as const };
    const first = await list({ filter, pageSize: 2, pageToken: "" });
    const second = await list({ filter, pageSize: 2, pageToken: first.nextPageToken ?? "" });
    expect([...first.items, ...second.items].map(({ email }) => email[0]).join("")).toBe("abc");
  });
});
