import { createHmac, randomBytes } from "node:crypto";
import { exportJWK, exportSPKI, generateKeyPair, type JWTHeaderParameters, SignJWT } from "jose";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Jwks } from "./key-set.ts";
import { createTokenVerifier } from "./token-verifier.ts";

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;

const AT = 1_800_000_000;
const GOOD = {
  iss: "https://kontor.local",
  aud: "kontor",
  sub: "ada",
  exp: AT + 600,
  scope: "orders.read orders.write",
};
const names = { ed: "EdDSA", ec: "ES256", rsa: "RS256" } as const;
const pairs = {} as Record<keyof typeof names, Keys>;
let stranger: Keys;
let published: Jwks;

beforeAll(async () => {
  for (const [kid, alg] of Object.entries(names))
    pairs[kid as "ed"] = await generateKeyPair(alg, { extractable: true });
  stranger = await generateKeyPair("EdDSA", { extractable: true });
  const keys = Object.entries(pairs).map(async ([kid, { publicKey }]) => ({ ...(await exportJWK(publicKey)), kid }));
  published = { keys: [...(await Promise.all(keys)), { kty: "oct", k: "c2VjcmV0", kid: "oct" }] };
});

const sign = (claims: object = {}, header: Partial<JWTHeaderParameters> = {}, key = pairs.ed.privateKey) =>
  new SignJWT({ ...GOOD, ...claims })
    .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid: "ed", ...header })
    .sign(key);

const base64 = (value: object | string) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

function aVerifier(keys: () => Promise<Jwks> = async () => published) {
  let seconds = AT;
  const verify = createTokenVerifier({ issuer: GOOD.iss, audience: GOOD.aud, keys, now: () => seconds * 1000 });
  return {
    verify,
    later: (more: number) => {
      seconds += more;
    },
  };
}

describe("a good token", () => {
  it.each(["ed", "ec", "rsa"] as const)("is accepted with the %s key", async (kid) => {
    const token = await sign({}, { alg: names[kid], kid }, pairs[kid].privateKey);
    const principal = await aVerifier().verify(token);
    expect(principal).toMatchObject({ subject: "ada", token, expiresAt: new Date(GOOD.exp * 1000) });
    expect([...principal.scopes]).toEqual(["orders.read", "orders.write"]);
  });

  it("is verified once, and fails all the same after it has expired", async () => {
    const { verify, later } = aVerifier();
    const token = await sign();
    expect(await verify(token)).toBe(await verify(token));
    later(631);
    await expect(verify(token)).rejects.toMatchObject({ code: "UNAUTHENTICATED", reason: "TOKEN_EXPIRED" });
    await expect(verify(token)).rejects.toMatchObject({ reason: "TOKEN_EXPIRED" });
  });
});

describe("a machine whose clock is set back by an hour", () => {
  afterEach(() => vi.useRealTimers());

  it("loads the keys for an unknown one ten seconds after the last time", async () => {
    vi.useFakeTimers({ toFake: ["performance", "Date"], now: AT * 1000 });
    let current: Jwks = { keys: [] };
    const verify = createTokenVerifier({ issuer: GOOD.iss, audience: GOOD.aud, keys: async () => current });
    const token = await sign();
    await expect(verify(token)).rejects.toMatchObject({ reason: "TOKEN_INVALID" });
    current = published;
    vi.advanceTimersByTime(10_000);
    vi.setSystemTime((AT - 3600) * 1000);
    expect(await verify(token)).toMatchObject({ subject: "ada" });
  });
});

describe("a bad token", () => {
  const attacks: Record<string, () => Promise<string> | string> = {
    "without a signature (alg none)": () => `${base64({ alg: "none", typ: "at+jwt", kid: "ed" })}.${base64(GOOD)}.`,
    "whose signature was cut off": async () => (await sign()).replace(/[^.]*$/, ""),
    "whose claims were changed": async () => {
      const [header, , signature] = (await sign()).split(".");
      return `${header}.${base64({ ...GOOD, sub: "bob" })}.${signature}`;
    },
    "signed by HMAC with the public key": async () => {
      const input = `${base64({ alg: "HS256", typ: "at+jwt", kid: "rsa" })}.${base64(GOOD)}`;
      const secret = await exportSPKI(pairs.rsa.publicKey);
      return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
    },
    "that claims another algorithm than its key has": () => sign({}, { alg: "ES256", kid: "ed" }, pairs.ec.privateKey),
    "signed by a stranger under a known kid": () => sign({}, {}, stranger.privateKey),
    "that names a symmetric key": () => sign({}, { kid: "oct" }),
    "with a kid that is a path": () => sign({}, { kid: "../../../../dev/null" }),
    "with a kid that is a query": () => sign({}, { kid: "x' UNION SELECT 'key" }),
    "with a kid of a prototype": () => sign({}, { kid: "__proto__" }),
    "without a kid": () => sign({}, { kid: undefined as never }),
    "that brings its own key (jwk)": async () =>
      sign({}, { jwk: await exportJWK(stranger.publicKey) }, stranger.privateKey),
    "that brings its own key under its own kid": async () =>
      sign({}, { kid: "mine", jwk: { ...(await exportJWK(stranger.publicKey)), kid: "mine" } }, stranger.privateKey),
    "that names the address of its key (jku)": () =>
      sign({}, { jku: "https://evil.example/jwks" }, stranger.privateKey),
    "that names the address of its certificate (x5u)": () =>
      sign({}, { x5u: "https://evil.example/x" }, stranger.privateKey),
    "with an unknown critical header": () =>
      new SignJWT(GOOD)
        .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid: "ed", crit: ["own"], own: 1 })
        .sign(pairs.ed.privateKey, { crit: { own: true } }),
    "that is an ID token": () => sign({}, { typ: "JWT" }),
    "without a type": () => sign({}, { typ: undefined as never }),
    "of another issuer": () => sign({ iss: "https://evil.example" }),
    "for another audience": () => sign({ aud: "other" }),
    "without an expiry": () => sign({ exp: undefined }),
    "without a subject": () => sign({ sub: undefined }),
    "that is not valid yet": () => sign({ nbf: AT + 120 }),
    "that claims to be issued more than a minute ahead": () => sign({ iat: AT + 61 }),
    "whose time of issue is no number": () => sign({ iat: "now" }),
    "that is not a token": () => "Bearer",
    "that is empty": () => "",
    "that is huge": () => "a".repeat(10_000),
  };
  it.each(Object.entries(attacks))("%s is refused", async (_, forge) => {
    await expect(aVerifier().verify(await forge())).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
      reason: "TOKEN_INVALID",
    });
  });

  it("is accepted within a skew of clocks of up to a minute", async () => {
    const { verify } = aVerifier();
    expect(await verify(await sign({ exp: AT - 20, nbf: AT + 20 }))).toMatchObject({ subject: "ada" });
    for (const claims of [{ exp: AT - 61 }, { nbf: AT + 61 }]) {
      await expect(verify(await sign(claims))).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    }
  });

  it("that has expired has its own reason", async () => {
    await expect(aVerifier().verify(await sign({ exp: AT - 61 }))).rejects.toMatchObject({ reason: "TOKEN_EXPIRED" });
  });
});

describe("the issuer's keys", () => {
  it("are fetched again for an unknown kid, at most every 10 seconds", async () => {
    let fetched = 0;
    const { verify, later } = aVerifier(async () => {
      fetched++;
      return published;
    });
    const unknown = await sign({}, { kid: "next" });
    for (let i = 0; i < 5; i++) await expect(verify(unknown)).rejects.toMatchObject({ reason: "TOKEN_INVALID" });
    expect(fetched).toBe(1);
    later(11);
    await expect(verify(unknown)).rejects.toThrow();
    expect(fetched).toBe(2);
  });

  it("are skipped when they are malformed, and the others stay in use", async () => {
    const bad: [string | undefined, unknown][] = [];
    const ed = published.keys.find(({ kid }) => kid === "ed") as object;
    const keys = [
      { ...ed, kid: "short", x: "AAAA" },
      { ...ed, kid: "noX", x: undefined },
      { kty: "EC", crv: "P-256", kid: "offCurve", x: "AAAA", y: "AAAA" },
      { kty: "RSA", kid: "noN", e: "AQAB" },
      { kty: "RSA", kid: "weak", e: "AQAB", n: randomBytes(128).fill(255, 0, 1).toString("base64url") },
      null as never,
      "ed" as never,
      ...published.keys,
    ];
    const verify = createTokenVerifier({
      ...{ issuer: GOOD.iss, audience: GOOD.aud, keys: async () => ({ keys }) as Jwks, now: () => AT * 1000 },
      onBadKey: (kid, cause) => bad.push([kid, cause]),
    });
    for (const kid of ["ed", "ec", "rsa"] as const)
      expect(await verify(await sign({}, { alg: names[kid], kid }, pairs[kid].privateKey))).toMatchObject({
        subject: "ada",
      });
    expect(bad.map(([kid]) => kid)).toEqual(["short", "noX", "offCurve", "noN", "weak", undefined]);
  });

  it("that are malformed neither exclude a new key nor keep a withdrawn one", async () => {
    const bad = { kty: "OKP", crv: "Ed25519", kid: "bad", x: "AAAA" };
    const only = (name: string) => published.keys.filter(({ kid }) => kid === name);
    let current: Jwks = { keys: only("ed") };
    const { verify, later } = aVerifier(async () => current);
    const old = await sign();
    await verify(old);
    current = { keys: [bad, ...only("ec")] };
    later(11);
    await verify(await sign({}, { alg: "ES256", kid: "ec" }, pairs.ec.privateKey));
    await expect(verify(old)).rejects.toMatchObject({ reason: "TOKEN_INVALID" });
  });

  it("may rotate: a new key is found, a withdrawn one is no longer trusted", async () => {
    let current: Jwks = { keys: published.keys.filter(({ kid }) => kid === "ed") };
    const { verify, later } = aVerifier(async () => current);
    const old = await sign();
    await verify(old);
    current = { keys: published.keys.filter(({ kid }) => kid === "ec") };
    later(11);
    expect(await verify(await sign({}, { alg: "ES256", kid: "ec" }, pairs.ec.privateKey))).toMatchObject({
      subject: "ada",
    });
    await expect(verify(old)).rejects.toMatchObject({ reason: "TOKEN_INVALID" });
  });

  it("that were loaded beforehand verify the first token while the issuer is down", async () => {
    let loads = 0;
    const { verify } = aVerifier(async () => {
      loads += 1;
      if (loads > 1) throw new Error("connection refused");
      return published;
    });
    await verify.loadKeys();
    await verify.loadKeys();
    expect(await verify(await sign())).toMatchObject({ subject: "ada" });
    expect(loads).toBe(1);
  });

  it("that cannot be loaded beforehand are loaded by the first token", async () => {
    let isDown = true;
    const { verify } = aVerifier(async () => {
      if (isDown) throw new Error("connection refused");
      return published;
    });
    await expect(verify.loadKeys()).rejects.toMatchObject({ reason: "KEYS_UNAVAILABLE" });
    isDown = false;
    expect(await verify(await sign())).toMatchObject({ subject: "ada" });
  });

  it("serve on while the issuer is down", async () => {
    let down = false;
    const { verify, later } = aVerifier(async () => {
      if (down) throw new Error("connection refused");
      return published;
    });
    await verify(await sign());
    down = true;
    later(400);
    expect(await verify(await sign({ sub: "bob" }))).toMatchObject({ subject: "bob" });
  });

  it("that were never there make the call fail as UNAVAILABLE, not as the caller's fault", async () => {
    const { verify } = aVerifier(() => Promise.reject(new Error("connection refused")));
    await expect(verify(await sign())).rejects.toMatchObject({ code: "UNAVAILABLE", reason: "KEYS_UNAVAILABLE" });
  });
});
