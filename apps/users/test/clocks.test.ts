import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { openDatabase } from "@kontor/postgres";
import { createClient } from "@kontor/rpc";
import { UsersService } from "@kontor/shop/contracts/users/v1/users_service";
import { childEnvironment, createServiceIdentities, freePort, startPostgres } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bearer, PASSWORD, type UsersClient } from "./shop.ts";

const HOUR = 3_600_000;
const postgres = await startPostgres();
const { url } = await postgres.createDatabase("users");
const db = openDatabase({ url, service: "test", max: 2 });
const identities = createServiceIdentities(["gateway"]);
const running: ChildProcess[] = [];
const clients: UsersClient[] = [];

/** Starts a replica of users in a separate process whose wall clock is off by `shiftMs`. */
async function aReplica(shiftMs: number): Promise<UsersClient> {
  const port = await freePort();
  const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", import.meta.resolve("@kontor/testing/shifted-clock"), main], {
    env: childEnvironment({
      ...{ DATABASE_URL: url, NATS_URL: "nats://127.0.0.1:1", SERVICE_KEYS: identities.keysFile },
      ...{ GRPC_PORT: String(port), METRICS_PORT: "0", KONTOR_TEST_CLOCK_SHIFT: String(shiftMs) },
    }),
    stdio: ["ignore", "pipe", "inherit"],
  });
  running.push(child);
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) if (JSON.parse(line).msg === "process ready") break;
  child.stdout.resume();
  const identity = identities.of("gateway");
  const client = createClient(UsersService, { address: `127.0.0.1:${port}`, identity, timeoutMs: 20_000 });
  clients.push(client);
  return client;
}

let ahead: UsersClient;
let behind: UsersClient;
beforeAll(async () => {
  ahead = await aReplica(HOUR);
  behind = await aReplica(-HOUR);
}, 60_000);
afterAll(async () => {
  for (const client of clients) client[Symbol.dispose]();
  await Promise.all(
    running.map((child) => {
      child.kill("SIGTERM");
      return once(child, "exit");
    }),
  );
  await db.close();
  await postgres.stop();
});

async function signIn(users: UsersClient, name: string) {
  const email = `${name}@example.com`;
  await users.register({ email, password: PASSWORD, displayName: name });
  const { session } = await users.login({ email, password: PASSWORD });
  if (!session) throw new Error("There is no session.");
  return session;
}
const client = { metadata: { "kontor-client-network": "home", "kontor-client-program": "browser" } };
const refresh = async (users: UsersClient, refreshToken: string) =>
  (await users.refreshSession({ refreshToken }, client)).session?.refreshToken;

describe("replicas whose clocks are an hour ahead and an hour behind", () => {
  it("accept each other's access tokens, which expire in time", async () => {
    for (const [issuer, verifier] of [[ahead, behind] as const, [behind, ahead] as const]) {
      const { accessToken, userId } = await signIn(issuer, `token-${clients.indexOf(issuer)}`);
      expect((await verifier.getUser({ userId }, bearer(accessToken))).user?.id).toBe(userId);
      const { exp } = JSON.parse(Buffer.from(accessToken.split(".")[1] ?? "", "base64url").toString());
      expect(Math.abs(exp * 1_000 - Date.now() - 600_000)).toBeLessThan(60_000);
    }
  });

  it("agree on whether a refresh token was used a moment or a minute ago", async () => {
    const { refreshToken } = await signIn(behind, "tabs");
    const successor = await refresh(behind, refreshToken);
    expect(await refresh(ahead, refreshToken)).toBe(successor);
    await db.query("UPDATE refresh_tokens SET used_at = used_at - interval '1 minute'");
    await expect(refresh(behind, refreshToken)).rejects.toMatchObject({ reason: "REFRESH_REUSED" });
  });

  it("agree on how long log-ins are delayed after failures", async () => {
    const wrong = (users: UsersClient) =>
      users
        .login({ email: "guessed@example.com", password: "not the password" }, client)
        .catch((error: unknown) => error);
    for (let n = 0; n < 11; n++) await wrong(ahead);
    const refused = await wrong(behind);
    expect(refused).toMatchObject({ reason: "LOGIN_THROTTLED" });
    expect((refused as { retryAfterMs: number }).retryAfterMs).toBeLessThanOrEqual(60_000);
  });
});
