import { rowsOf } from "@kontor/testing";
import { expect, it } from "vitest";
import { bearer, openShop, STAFF } from "./shop.ts";

it("passwords, tokens and hashes appear in no log line and in no row but their own", async () => {
  const shop = await openShop({ signingKeySecret: "canary-signing-secret" });
  const passwords = ["canary-password-one", "canary-password-two", "canary-password-wrong", "canary-pw"];
  const [password = "", newPassword = "", wrong = "", short = ""] = passwords;
  const email = "bird@example.com";

  await shop.users.register({ email, password: short }).catch(() => {});
  const { user } = await shop.users.register({ email, password });
  await shop.users.register({ email, password }).catch(() => {});
  await shop.users.login({ email, password: wrong }).catch(() => {});
  const first = await shop.signIn(email, password);
  const { session } = await shop.users.refreshSession({ refreshToken: first.refreshToken });
  const userId = user?.id ?? "";
  await shop.users.changePassword({ userId, currentPassword: password, newPassword }, first.auth);
  await shop.users.refreshSession({ refreshToken: first.refreshToken }).catch(() => {});
  const forged = `${first.accessToken.slice(0, -8)}AAAAAAAA`;
  await shop.users.getUser({ userId }, bearer(forged)).catch(() => {});
  await shop.db.query("ALTER TABLE sessions RENAME TO elsewhere");
  await shop.users.login({ email, password: newPassword }).catch(() => {});
  await shop.users.refreshSession({ refreshToken: session?.refreshToken ?? "" }).catch(() => {});
  await shop.db.query("ALTER TABLE elsewhere RENAME TO sessions");

  const tokens = [first.accessToken, first.refreshToken, session?.accessToken, session?.refreshToken, forged];
  const hashes = await rowsOf<{ password_hash: string }>(shop.db, "SELECT password_hash FROM credentials");
  const secrets = [...passwords, STAFF.password, "canary-signing-secret", 'internal"', "$argon2", ...tokens];
  const rows = await Promise.all(
    ["users", "sessions", "refresh_tokens", "login_failures", "signing_keys", "outbox"].map((table) =>
      shop.db.query(`SELECT row_to_json(t)::text AS row FROM ${table} t`),
    ),
  );
  const stored = JSON.stringify(rows);
  const logged = shop.logged();
  expect(logged).toContain("handler failed by a bug");
  for (const secret of [...secrets, ...hashes.map((row) => row.password_hash)]) {
    expect(secret).toBeTruthy();
    expect(logged).not.toContain(secret);
    expect(stored).not.toContain(secret);
  }
  await shop.stop();
});
