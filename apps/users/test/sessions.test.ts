import { createHash } from "node:crypto";
import { createTokenVerifier } from "@kontor/policy";
import { issuerKeys } from "@kontor/shop";
import { rowsOf } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openShop, PASSWORD, type Shop } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.stop());

const refresh = (refreshToken: string) => shop.users.refreshSession({ refreshToken });
const NEW = "another good password";
/** The gateway's metadata about the calling client. */
const client = (network: string, program: string) => ({
  metadata: { "kontor-client-network": network, "kontor-client-program": program },
});
const later = (time: string) => shop.db.query(`UPDATE refresh_tokens SET used_at = used_at - interval '${time}'`);

describe("signing in", () => {
  it("yields a token that every service accepts", async () => {
    const { userId, email } = await shop.register("ada");
    const { session } = await shop.users.login({ email: email.toUpperCase(), password: PASSWORD });
    expect(session).toMatchObject({ tokenType: "Bearer", expiresIn: 600, userId });

    const keys = issuerKeys(shop.users);
    const verify = createTokenVerifier({ issuer: "https://kontor.local", audience: "kontor", keys });
    const principal = await verify(session?.accessToken ?? "");
    expect(principal).toMatchObject({ subject: userId, roles: ["customer"] });
    expect([...principal.scopes]).toEqual(["profile.read", "profile.write", "orders.read", "orders.write"]);
    const elsewhere = createTokenVerifier({ issuer: "https://kontor.local", audience: "other", keys });
    await expect(elsewhere(session?.accessToken ?? "")).rejects.toMatchObject({ reason: "TOKEN_INVALID" });
  });

  it("fails in the same way for a wrong password and an unknown address", async () => {
    const { email } = await shop.register("bob");
    const failure = (email: string) =>
      shop.users.login({ email, password: "not the password" }).then(
        () => undefined,
        ({ code, reason, message, metadata }) => ({ code, reason, message, metadata }),
      );
    const wrong = await failure(email);
    expect(wrong).toMatchObject({ code: "UNAUTHENTICATED", reason: "CREDENTIALS_WRONG" });
    expect(await failure("unknown@example.com")).toEqual(wrong);
  });
});

describe("refreshing a session", () => {
  it("yields a new token each time, which works", async () => {
    const { email } = await shop.register("frank");
    let { refreshToken, userId } = await shop.signIn(email);
    for (let i = 0; i < 3; i++) {
      const { session } = await refresh(refreshToken);
      expect(session?.userId).toBe(userId);
      expect(session?.refreshToken).not.toBe(refreshToken);
      refreshToken = session?.refreshToken ?? "";
    }
  });

  it("with a used token, late, ends the session everywhere, and no other session", async () => {
    const { email } = await shop.register("grace");
    const stolen = await shop.signIn(email);
    const other = await shop.signIn(email);
    const { session } = await refresh(stolen.refreshToken);
    await later("31 seconds");
    const reused = { code: "UNAUTHENTICATED", reason: "REFRESH_REUSED" };
    await expect(refresh(stolen.refreshToken)).rejects.toMatchObject(reused);
    await expect(refresh(session?.refreshToken ?? "")).rejects.toMatchObject({ reason: "REFRESH_INVALID" });
    await expect(refresh(stolen.refreshToken)).rejects.toMatchObject(reused);
    await expect(refresh(other.refreshToken)).resolves.toBeDefined();
  });

  it("with a used token ends the session at once if another client uses it", async () => {
    const { email } = await shop.register("greta");
    for (const thief of [client("network-2", "firefox"), client("network-1", "curl"), undefined]) {
      const { refreshToken } = await shop.signIn(email);
      const { session } = await shop.users.refreshSession({ refreshToken }, client("network-1", "firefox"));
      const stolen = shop.users.refreshSession({ refreshToken }, thief);
      await expect(stolen).rejects.toMatchObject({ reason: "REFRESH_REUSED" });
      await expect(refresh(session?.refreshToken ?? "")).rejects.toMatchObject({ reason: "REFRESH_INVALID" });
    }
  });

  it("of two tabs at once, or after a lost response, yields the same successor, on every replica", async () => {
    const { email } = await shop.register("heidi");
    const replica = await shop.replica();
    let { refreshToken } = await shop.signIn(email);
    for (let round = 0; round < 5; round++) {
      const tabs = [shop.users, replica, shop.users, replica];
      const answers = await Promise.all(tabs.map((users) => users.refreshSession({ refreshToken })));
      const successors = new Set(answers.map(({ session }) => session?.refreshToken));
      expect(successors.size).toBe(1);
      const [successor = ""] = successors;
      expect((await refresh(refreshToken)).session?.refreshToken).toBe(successor);
      expect(successor).not.toBe(refreshToken);
      refreshToken = successor;
    }
    expect(
      await shop.db.query(
        "SELECT FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id AND s.revoked_at IS NULL WHERE used_at IS NULL AND s.user_id = (SELECT id FROM users WHERE email = $1)",
        [email],
      ),
    ).toHaveLength(1);
  });

  it("again within the interval fails once the session has ended", async () => {
    const { email } = await shop.register("henry");
    const { refreshToken } = await shop.signIn(email);
    await refresh(refreshToken);
    await shop.users.revokeSession({ refreshToken });
    await expect(refresh(refreshToken)).rejects.toMatchObject({ reason: "REFRESH_INVALID" });
  });

  it("names the session in front of each token, and accepts tokens of before that", async () => {
    const { email } = await shop.register("hugo");
    const { refreshToken } = await shop.signIn(email);
    const { session } = await refresh(refreshToken);
    const [name, secret] = refreshToken.split(".");
    expect(session?.refreshToken).toMatch(new RegExp(`^${name}\\.[\\w-]{43}$`));
    const older = createHash("sha256")
      .update(secret ?? "")
      .digest();
    await shop.db.query("UPDATE refresh_tokens SET hash = $1 WHERE hash = $2", [
      older,
      createHash("sha256")
        .update(session?.refreshToken ?? "")
        .digest(),
    ]);
    const { session: next } = await refresh(secret ?? "");
    expect(next?.refreshToken).toMatch(new RegExp(`^${name}\\.`));
  });

  it("fails with a token that is unknown or has expired", async () => {
    const { email } = await shop.register("ivan");
    const { refreshToken } = await shop.signIn(email);
    await shop.db.query("UPDATE refresh_tokens SET expires_at = now() - interval '1 second' WHERE used_at IS NULL");
    for (const token of [refreshToken, "unknown", ""])
      await expect(refresh(token)).rejects.toMatchObject({ code: "UNAUTHENTICATED", reason: "REFRESH_INVALID" });
  });
});

describe("ending a session", () => {
  it("works with any of its tokens, and twice changes nothing", async () => {
    const { email } = await shop.register("judy");
    const { refreshToken } = await shop.signIn(email);
    const { session } = await refresh(refreshToken);
    await shop.users.revokeSession({ refreshToken });
    await shop.users.revokeSession({ refreshToken });
    await shop.users.revokeSession({ refreshToken: "unknown" });
    await expect(refresh(session?.refreshToken ?? "")).rejects.toMatchObject({ reason: "REFRESH_INVALID" });
  });
});

describe("a session that ends before its time", () => {
  const ended = async (userId: string) => {
    const sql = "SELECT key FROM outbox WHERE type = 'shop.users.v1.SessionEnded' ORDER BY seq";
    const sessions = await rowsOf<{ id: string }>(shop.db, "SELECT id FROM sessions WHERE user_id = $1", [userId]);
    const keys = (await rowsOf<{ key: string }>(shop.db, sql)).map(({ key }) => key);
    return keys.filter((key) => sessions.some(({ id }) => id === key)).length;
  };

  it("is published once: when it is revoked, reused, or the password changes", async () => {
    const { email, userId } = await shop.register("olive");
    const [revoked, reused, other, own] = [
      await shop.signIn(email),
      await shop.signIn(email),
      await shop.signIn(email),
      await shop.signIn(email),
    ];
    await shop.users.revokeSession(revoked);
    await shop.users.revokeSession(revoked);
    expect(await ended(userId)).toBe(1);
    await refresh(reused.refreshToken);
    await later("31 seconds");
    for (let use = 0; use < 2; use++) await refresh(reused.refreshToken).catch(() => {});
    expect(await ended(userId)).toBe(2);
    await shop.users.changePassword({ userId, currentPassword: PASSWORD, newPassword: NEW }, own.auth);
    expect(await ended(userId)).toBe(3);
    await expect(refresh(other.refreshToken)).rejects.toMatchObject({ reason: "REFRESH_INVALID" });
  });
});

describe("changing the password", () => {
  it("ends all other sessions and no sign-in works with the old one", async () => {
    const { email, userId } = await shop.register("kim");
    const other = await shop.signIn(email);
    const own = await shop.signIn(email);
    const change = { userId, currentPassword: PASSWORD, newPassword: NEW };
    await shop.users.changePassword(change, own.auth);
    await expect(refresh(other.refreshToken)).rejects.toMatchObject({ reason: "REFRESH_INVALID" });
    await expect(refresh(own.refreshToken)).resolves.toBeDefined();
    await expect(shop.signIn(email)).rejects.toMatchObject({ reason: "CREDENTIALS_WRONG" });
    await expect(shop.signIn(email, NEW)).resolves.toBeDefined();
    await expect(shop.users.changePassword(change, own.auth)).rejects.toMatchObject({ reason: "CREDENTIALS_WRONG" });
  });

  it("leaves no session of the old password, however sign-ins race it", async () => {
    const { email, userId } = await shop.register("leo");
    const own = await shop.signIn(email);
    const racing = Promise.allSettled(Array.from({ length: 8 }, () => shop.signIn(email)));
    await shop.users.changePassword({ userId, currentPassword: PASSWORD, newPassword: NEW }, own.auth);
    for (const outcome of await racing) {
      if (outcome.status === "fulfilled")
        await expect(refresh(outcome.value.refreshToken)).rejects.toMatchObject({ reason: "REFRESH_INVALID" });
    }
  });

  it("refuses a bad one, and another user's", async () => {
    const { email, userId } = await shop.register("mona");
    const { auth } = await shop.signIn(email);
    const change = (newPassword: string, id = userId) =>
      shop.users.changePassword({ userId: id, currentPassword: PASSWORD, newPassword }, auth);
    await expect(change("short")).rejects.toMatchObject({ violations: [{ field: "newPassword" }] });
    const { userId: stranger } = await shop.register("nina");
    await expect(change(NEW, stranger)).rejects.toMatchObject({ reason: "NOT_OWNER" });
  });
});

describe("sessions that ended", () => {
  it("are listed for the edge until their last token has expired, page by page", async () => {
    const open = await shop.register("listed");
    const listed = async (pageSize: number) => {
      const ids: string[] = [];
      let pageToken: string | undefined = "";
      while (pageToken !== undefined) {
        const page: { sessionIds: string[]; nextPageToken?: string | undefined } = await shop.users.listEndedSessions({
          pageSize,
          pageToken,
        });
        ids.push(...page.sessionIds);
        pageToken = page.nextPageToken;
      }
      return ids;
    };
    const sessions = await Promise.all([1, 2, 3].map(() => shop.signIn(open.email)));
    const idOf = ({ accessToken }: { accessToken: string }): string =>
      JSON.parse(Buffer.from(accessToken.split(".")[1] ?? "", "base64url").toString()).sid;
    const [first, second, third] = sessions.map(idOf);
    for (const { refreshToken } of sessions.slice(0, 2)) await shop.users.revokeSession({ refreshToken });
    for (const size of [1, 0]) {
      const ids = await listed(size);
      expect(ids).toEqual(expect.arrayContaining([first, second]));
      expect(ids).not.toContain(third);
    }
    await shop.db.query("UPDATE sessions SET revoked_at = revoked_at - interval '12 minutes' WHERE id = $1", [first]);
    const later = await listed(0);
    expect(later).toContain(second);
    expect(later).not.toContain(first);
  });
});
