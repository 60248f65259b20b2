import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openShop, PASSWORD, type Shop, STAFF, type UsersClient } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.stop());

const from = (network: string) => ({ metadata: { "kontor-client-network": network } });
const wrong = (email: string, network = "attacker", users: UsersClient = shop.users) =>
  users.login({ email, password: "not the password" }, from(network)).then(
    () => "OK",
    (error) => error as { reason: string; retryAfterMs: number },
  );
const reasonOf = async (made: ReturnType<typeof wrong>) => {
  const outcome = await made;
  return typeof outcome === "string" ? outcome : outcome.reason;
};
const right = (email: string, network: string, refreshToken?: string) =>
  shop.users.login({ email, password: PASSWORD, refreshToken }, from(network));
/** Moves the delays into the past, as if their time had passed. */
const wait = (ms: number) =>
  shop.db.query(`UPDATE login_failures SET blocked_until = blocked_until - interval '${ms} milliseconds'`);

async function failTimes(email: string, times: number, network = "attacker"): Promise<void> {
  for (let n = 0; n < times; n++) {
    await wait(60_000);
    expect(await reasonOf(wrong(email, network))).toBe("CREDENTIALS_WRONG");
  }
}

describe("failed log-ins", () => {
  it.each(["known", "unknown"])("close no account that is %s, but delay the next ones more and more", async (kind) => {
    const email = kind === "known" ? (await shop.register("carol")).email : "nobody@example.com";
    for (let n = 0; n < 10; n++) expect(await reasonOf(wrong(email))).toBe("CREDENTIALS_WRONG");
    const after = [];
    for (let n = 0; n < 8; n++) {
      expect(await reasonOf(wrong(email))).toBe("CREDENTIALS_WRONG");
      const refused = await wrong(email);
      expect(refused).toMatchObject({ code: "RESOURCE_EXHAUSTED", reason: "LOGIN_THROTTLED" });
      after.push(Math.ceil((refused as { retryAfterMs: number }).retryAfterMs / 1_000));
      await wait(60_000);
    }
    expect(after).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });

  it("of ten let the owner in at once, the only administrator included", async () => {
    for (let n = 0; n < 10; n++) await wrong(STAFF.email);
    await expect(shop.signIn(STAFF.email, STAFF.password)).resolves.toBeDefined();
  });

  it("of unknown clients do not delay a known network or a known device, and those have separate delays", async () => {
    const { email } = await shop.register("olga");
    const { session } = await right(email, "home");
    await failTimes(email, 40);
    expect(await reasonOf(wrong(email, "elsewhere"))).toBe("LOGIN_THROTTLED");
    await expect(right(email, "elsewhere")).rejects.toMatchObject({ reason: "LOGIN_THROTTLED" });
    await expect(right(email, "home")).resolves.toBeDefined();
    await expect(right(email, "elsewhere", session?.refreshToken)).resolves.toBeDefined();

    const guess = () =>
      shop.users
        .login({ email, password: "wrong", refreshToken: session?.refreshToken }, from("thief"))
        .catch((e) => e.reason);
    const reasons = [];
    for (let n = 0; n < 12; n++) reasons.push(await guess());
    expect(reasons.slice(9)).toEqual(["CREDENTIALS_WRONG", "CREDENTIALS_WRONG", "LOGIN_THROTTLED"]);
    await expect(right(email, "home")).resolves.toBeDefined();
  });

  it("are not forgiven by a refresh token of another account", async () => {
    const { email } = await shop.register("pavel");
    await shop.register("quinn");
    const { session } = await right("quinn@example.com", "home");
    await failTimes(email, 17);
    await expect(right(email, "attacker", session?.refreshToken)).rejects.toMatchObject({ reason: "LOGIN_THROTTLED" });
  });

  it("never stop a session from being refreshed or a user from working", async () => {
    const { email, userId } = await shop.register("rosa");
    const { session } = await right(email, "home");
    await failTimes(email, 40);
    const refreshed = await shop.users.refreshSession({ refreshToken: session?.refreshToken ?? "" });
    const authorization = `Bearer ${refreshed.session?.accessToken}`;
    const change = { userId, currentPassword: PASSWORD, newPassword: "another good password" };
    await expect(shop.users.changePassword(change, { metadata: { authorization } })).resolves.toBeDefined();
  });

  it("count over replicas, and many networks count together", async () => {
    const { email } = await shop.register("sven");
    const replica = await shop.replica();
    for (let n = 0; n < 37; n++) {
      await wait(60_000);
      await wrong(email, `bot-${n}`, n % 2 === 0 ? shop.users : replica);
    }
    for (const users of [shop.users, replica])
      expect(await reasonOf(wrong(email, "bot-99", users))).toBe("LOGIN_THROTTLED");
  });

  it("made at once are compared up to the free ones and the running comparisons", async () => {
    const { email } = await shop.register("dave");
    const outcomes = await Promise.all(Array.from({ length: 40 }, () => reasonOf(wrong(email))));
    expect(outcomes.filter((reason) => reason === "CREDENTIALS_WRONG").length).toBeLessThan(20);
    expect(new Set(outcomes)).toEqual(new Set(["CREDENTIALS_WRONG", "LOGIN_THROTTLED"]));
  });

  it("are dropped after a success, and after a time", async () => {
    const { email } = await shop.register("erin");
    await failTimes(email, 10);
    await right(email, "attacker");
    await failTimes(email, 11);
    await shop.db.query("UPDATE login_failures SET since = since - interval '15 minutes'");
    await failTimes(email, 1);
    expect(await reasonOf(wrong(email))).toBe("CREDENTIALS_WRONG");
  });

  it("are logged by a digest of the account", async () => {
    await wrong("canary-account@example.com");
    const lines = shop
      .logged()
      .split("\n")
      .filter((line) => line.includes("log-in failed"));
    expect(JSON.parse(lines.at(-1) ?? "{}")).toMatchObject({
      account: expect.stringMatching(/^[0-9a-f]{16}$/),
      network: "attacker",
      failures: 1,
    });
    expect(shop.logged()).not.toContain("canary-account");
  });
});
