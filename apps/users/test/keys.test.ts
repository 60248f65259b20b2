import { createTokenVerifier } from "@kontor/policy";
import { migrate, openDatabase } from "@kontor/postgres";
import { migrationsOf } from "@kontor/service";
import { createLogger } from "@kontor/telemetry";
import { eventually, rowsOf, startPostgres } from "@kontor/testing";
import { decodeProtectedHeader } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { usersApp } from "../src/app.ts";
import { rotationPolicy } from "../src/domain/signing-keys.ts";
import { createAccessTokens } from "../src/outbound/access-tokens.ts";
import { openKeyRing } from "../src/outbound/key-ring.ts";
import { createKeySeal } from "../src/outbound/key-seal.ts";
import { createKeyStore } from "../src/outbound/key-store.ts";
import { openShop } from "./shop.ts";

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const START = Date.parse("2026-11-21T00:00:00Z");
const TRUST = { issuer: "https://kontor.local", audience: "kontor" };
const ttlMs = 10 * MINUTE;
const user = {
  id: "ada",
  email: "ada@example.com",
  displayName: "Ada",
  locale: "en",
  roles: ["staff"],
  createdAt: new Date(START),
} as const;

let postgres: Awaited<ReturnType<typeof startPostgres>>;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

async function aDatabase() {
  const { url } = await postgres.createDatabase("users");
  await migrate({ url, folders: migrationsOf(usersApp), log: createLogger({ service: "test", level: "silent" }) });
  return openDatabase({ url, service: "test", max: 4 });
}

/** A replica's keys, tokens and verifier, under a separate clock. */
async function anIssuer(db: Awaited<ReturnType<typeof aDatabase>>, secret?: string) {
  let time = START;
  const now = () => new Date(time);
  const policy = rotationPolicy(30 * DAY, ttlMs);
  const ring = await openKeyRing({ keys: createKeyStore(db, createKeySeal(secret), policy), policy, now });
  const tokens = createAccessTokens({ ring, ...TRUST, ttlMs });
  const keys = async () => ({ keys: ring.publicKeys() });
  return {
    ring,
    issue: () => tokens.issue({ user, sessionId: "session" }, now()),
    verify: createTokenVerifier({ ...TRUST, keys, now: () => time }),
    async at(ms: number) {
      time = START + ms;
      await ring.tend();
    },
  };
}

const kid = (token: string) => decodeProtectedHeader(token).kid;

describe("signing keys", () => {
  it("are one key for all replicas that start first at once", async () => {
    const db = await aDatabase();
    const issuers = await Promise.all(Array.from({ length: 5 }, () => anIssuer(db)));
    const kids = issuers.map(({ ring }) => ring.publicKeys().map((key) => key.kid));
    expect(new Set(kids.flat()).size).toBe(1);
    expect(await issuers[0]?.verify((await issuers[4]?.issue()) ?? "")).toMatchObject({ subject: "ada" });
    await db.close();
  });

  it("rotate: the next is published first, then signs, and tokens of the old one are good until they expire", async () => {
    const db = await aDatabase();
    const issuer = await anIssuer(db, "secret");
    const first = issuer.ring.current().kid;

    await issuer.at(30 * DAY - 10 * MINUTE);
    const [current, next] = issuer.ring.publicKeys().map((key) => key.kid);
    expect(current).toBe(first);
    expect(next).toBeDefined();
    const old = await issuer.issue();
    expect(kid(old)).toBe(first);

    await issuer.at(30 * DAY);
    const young = await issuer.issue();
    expect(kid(young)).toBe(next);
    expect(issuer.ring.publicKeys().map((key) => key.kid)).toEqual([next, first]);
    for (const token of [old, young]) expect(await issuer.verify(token)).toMatchObject({ subject: "ada" });

    await issuer.at(30 * DAY + 13 * MINUTE);
    expect(issuer.ring.publicKeys().map((key) => key.kid)).toEqual([next]);
    expect(await db.query("SELECT kid, sealed FROM signing_keys")).toEqual([{ kid: next, sealed: true }]);
    await db.close();
  });

  it("that are sealed need their secret", async () => {
    const db = await aDatabase();
    await anIssuer(db, "secret");
    const [row] = await rowsOf<{ private_jwk: Buffer }>(db, "SELECT private_jwk FROM signing_keys");
    expect(row?.private_jwk.toString("latin1")).not.toContain('"d"');
    await expect(anIssuer(db)).rejects.toThrow("Set SIGNING_KEY_SECRET");
    await expect(anIssuer(db, "other")).rejects.toThrow("another SIGNING_KEY_SECRET");
    await db.close();
  });

  it("rotate in a running service without a token being refused", async () => {
    const shop = await openShop({ signingKeyRotationMs: 1_000 });
    const { userId, email } = await shop.register("ada");
    const before = await shop.signIn(email);
    const after = await eventually(async () => {
      const session = await shop.signIn(email);
      expect(kid(session.accessToken)).not.toBe(kid(before.accessToken));
      return session;
    });
    const { keys } = await shop.users.getJwks({});
    expect(keys[0]).toMatchObject({ kty: "OKP", crv: "Ed25519", use: "sig", alg: "EdDSA" });
    expect(keys.map((key) => key.kid)).toEqual(
      expect.arrayContaining([kid(before.accessToken), kid(after.accessToken)]),
    );
    await expect(shop.users.getUser({ userId }, before.auth)).resolves.toBeDefined();
    await shop.stop();
  });
});
