import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdtempSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  acceptSharedToken,
  type CallerVerifier,
  createCallerVerifier,
  createProcessIdentities,
  folderIdentity,
  keysFromCluster,
  keysFromFile,
  noCallers,
  openKeyFolder,
  rotateKeys,
  signedIdentity,
} from "../index.ts";

const STOCK = "sample.v1.InventoryService";
const CARDS = "sample.v1.PaymentsService";

const proof = (token?: string, sharedName?: string, sharedToken?: string) => ({ token, sharedName, sharedToken });
const refused = (reason: string, problem?: string) =>
  expect.objectContaining({ reason, code: "UNAUTHENTICATED", ...(problem && { metadata: { problem } }) });

function tokenBy(key: KeyObject, claims: object, header: object = {}): string {
  const iat = Math.floor(Date.now() / 1000);
  const parts = [
    { alg: "EdDSA", kid: "orders-1", ...header },
    { iss: "kontor-services", sub: "orders", aud: STOCK, iat, exp: iat + 600, ...claims },
  ];
  const input = parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  const algorithm = key.asymmetricKeyType === "rsa" ? "sha256" : null;
  return `${input}.${sign(algorithm, Buffer.from(input), key).toString("base64url")}`;
}

const temporary = () => mkdtempSync(join(tmpdir(), "kontor-keys-"));

describe("a service that signs its own tokens", () => {
  const folder = temporary();
  const keys = openKeyFolder(folder, ["orders", "catalog"]);
  const verify = createCallerVerifier({ keys: keysFromFile(keys.keysFile) });
  const orders = signedIdentity({ service: "orders", keyFile: keys.keyFileOf("orders") });

  it("is known by its name", async () => {
    expect(await verify(proof(orders.tokenFor(STOCK)), STOCK)).toBe("orders");
  });

  it("signs one token for each callee, and that for no other", async () => {
    expect(orders.tokenFor(STOCK)).toBe(orders.tokenFor(STOCK));
    await expect(verify(proof(orders.tokenFor(STOCK)), CARDS)).rejects.toEqual(
      refused("SERVICE_TOKEN_INVALID", "its audience is another service"),
    );
  });

  it("cannot take the name of another, whose key it does not have", async () => {
    const impostor = signedIdentity({ service: "orders", keyFile: keys.keyFileOf("catalog") });
    await expect(verify(proof(impostor.tokenFor(STOCK)), STOCK)).rejects.toEqual(
      refused("SERVICE_TOKEN_INVALID", "its key belongs to another service"),
    );
  });

  it("signs again after half of a token's life", () => {
    let now = Date.now();
    const clocked = signedIdentity({ service: "orders", keyFile: keys.keyFileOf("orders"), now: () => now });
    const first = clocked.tokenFor(STOCK);
    now += 299_000;
    expect(clocked.tokenFor(STOCK)).toBe(first);
    now += 2_000;
    expect(clocked.tokenFor(STOCK)).not.toBe(first);
  });

  it("stores its key readable by its owner only, over every start", () => {
    const before = readFileSync(keys.keyFileOf("orders"), "utf8");
    openKeyFolder(folder, ["orders", "catalog", "reviews"]);
    expect(readFileSync(keys.keyFileOf("orders"), "utf8")).toBe(before);
    expect(statSync(keys.keyFileOf("reviews")).mode & 0o777).toBe(0o600);
  });

  it.each([
    ["no JSON", "nonsense"],
    ["a key without a kid", JSON.stringify({ kty: "OKP" })],
    ["a public key", JSON.stringify({ kty: "OKP", crv: "Ed25519", x: "AAAA", kid: "k" })],
  ])("refuses to start with %s", (_, text) => {
    const keyFile = join(folder, "bad.json");
    writeFileSync(keyFile, text);
    expect(() => signedIdentity({ service: "orders", keyFile })).toThrow();
  });
});

describe("a service token", () => {
  const own = generateKeyPairSync("ed25519");
  const other = generateKeyPairSync("ed25519");
  const { x = "" } = own.publicKey.export({ format: "jwk" });
  const jwk = { kty: "OKP", crv: "Ed25519", x, kid: "orders-1", alg: "EdDSA", use: "sig", service: "orders" };
  const verify = createCallerVerifier({ keys: { load: async () => ({ issuer: "kontor-services", keys: [jwk] }) } });
  const now = Math.floor(Date.now() / 1000);
  const unsigned = (alg: string) => {
    const [, claims] = tokenBy(own.privateKey, {}).split(".");
    return `${Buffer.from(JSON.stringify({ alg, kid: "orders-1" })).toString("base64url")}.${claims}.`;
  };

  it.each<[string, string, string]>([
    ["of another key", tokenBy(other.privateKey, {}), "SERVICE_TOKEN_INVALID"],
    ["of a key that is not published", tokenBy(own.privateKey, {}, { kid: "orders-9" }), "SERVICE_TOKEN_INVALID"],
    ["of a key it brings along", tokenBy(other.privateKey, {}, { jwk }), "SERVICE_TOKEN_INVALID"],
    ["without a kid", tokenBy(own.privateKey, {}, { kid: undefined }), "SERVICE_TOKEN_INVALID"],
    ["without a signature", unsigned("none"), "SERVICE_TOKEN_INVALID"],
    ["whose signature was cut off", unsigned("EdDSA"), "SERVICE_TOKEN_INVALID"],
    ["of a symmetric algorithm", tokenBy(own.privateKey, {}, { alg: "HS256" }), "SERVICE_TOKEN_INVALID"],
    ["that has expired", tokenBy(own.privateKey, { exp: now - 31 }), "SERVICE_TOKEN_EXPIRED"],
    ["without an end", tokenBy(own.privateKey, { exp: undefined }), "SERVICE_TOKEN_INVALID"],
    ["that is not good yet", tokenBy(own.privateKey, { nbf: now + 90 }), "SERVICE_TOKEN_INVALID"],
    ["issued in the future", tokenBy(own.privateKey, { iat: now + 90 }), "SERVICE_TOKEN_INVALID"],
    ["for another callee", tokenBy(own.privateKey, { aud: CARDS }), "SERVICE_TOKEN_INVALID"],
    ["for no callee", tokenBy(own.privateKey, { aud: undefined }), "SERVICE_TOKEN_INVALID"],
    ["of another issuer", tokenBy(own.privateKey, { iss: "https://kontor.local" }), "SERVICE_TOKEN_INVALID"],
    ["of another service", tokenBy(own.privateKey, { sub: "catalog" }), "SERVICE_TOKEN_INVALID"],
    ["of no service", tokenBy(own.privateKey, { sub: "" }), "SERVICE_TOKEN_INVALID"],
    ["that is none", "nonsense", "SERVICE_TOKEN_INVALID"],
    ["that is too long", `${"a".repeat(9000)}.b.c`, "SERVICE_TOKEN_INVALID"],
  ])("%s is refused", (_, token, reason) => expect(verify(proof(token), STOCK)).rejects.toEqual(refused(reason)));

  it("may name several callees", async () => {
    expect(await verify(proof(tokenBy(own.privateKey, { aud: [CARDS, STOCK] })), STOCK)).toBe("orders");
  });

  it("that was valid is refused once it has expired, also when it is cached", async () => {
    let clock = Date.now();
    const clocked = createCallerVerifier({
      keys: { load: async () => ({ issuer: "kontor-services", keys: [jwk] }) },
      now: () => clock,
    });
    const token = tokenBy(own.privateKey, { exp: now + 60 });
    expect(await clocked(proof(token), STOCK)).toBe("orders");
    clock += 120_000;
    await expect(clocked(proof(token), STOCK)).rejects.toEqual(refused("SERVICE_TOKEN_EXPIRED"));
  });

  it("that is absent proves no name", async () => expect(await verify(proof(), STOCK)).toBeUndefined());

  it.each([
    ["own", (verify: CallerVerifier) => verify],
    ["and the shared one", (verify: CallerVerifier) => acceptSharedToken(verify, "shared", () => {})],
  ])("is verified while the source of keys fails if they were loaded beforehand: %s", async (_, wrap) => {
    let loads = 0;
    const load = async () => {
      loads += 1;
      if (loads > 1) throw new Error("connection refused");
      return { issuer: "kontor-services", keys: [jwk] };
    };
    const loaded: CallerVerifier = wrap(createCallerVerifier({ keys: { load } }));
    await loaded.loadKeys?.();
    expect(await loaded(proof(tokenBy(own.privateKey, {})), STOCK)).toBe("orders");
    expect(loads).toBe(1);
  });

  it("cannot be verified while no keys could ever be loaded, which the caller may retry", async () => {
    const keyless = createCallerVerifier({ keys: keysFromFile("/nowhere/keys.json") });
    await expect(keyless(proof(tokenBy(own.privateKey, {})), STOCK)).rejects.toMatchObject({
      code: "UNAVAILABLE",
      reason: "KEYS_UNAVAILABLE",
    });
  });
});

describe("keys that are rotated", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "Date"] }));
  afterEach(() => void vi.useRealTimers());

  it("are good side by side, and the old one no longer than its tokens live", async () => {
    const folder = temporary();
    const { keysFile, keyFileOf } = openKeyFolder(folder, ["orders", "catalog"]);
    const orders = signedIdentity({ service: "orders", keyFile: keyFileOf("orders") });
    const old = orders.tokenFor(STOCK);
    const kids = () => JSON.parse(readFileSync(keysFile, "utf8")).keys.map(({ kid }: { kid: string }) => kid);
    const [before] = kids();

    const rotated = rotateKeys(folder, ["orders"]);
    expect(kids()).toHaveLength(3); // Published before the first token of it.
    expect(orders.tokenFor(STOCK)).toBe(old);
    await vi.advanceTimersByTimeAsync(2_000);
    await rotated;
    await vi.advanceTimersByTimeAsync(2_000);
    const fresh = orders.tokenFor(STOCK);
    expect(fresh).not.toBe(old);
    const verify = createCallerVerifier({ keys: keysFromFile(keysFile) });
    expect(await verify(proof(old), STOCK)).toBe("orders");
    expect(await verify(proof(fresh), STOCK)).toBe("orders");

    await vi.advanceTimersByTimeAsync(16 * 60_000);
    openKeyFolder(folder, ["orders", "catalog"]);
    expect(kids()).toHaveLength(2);
    expect(kids()).not.toContain(before);
  });

  it("are read again for a kid that is unknown", async () => {
    const folder = temporary();
    const { keysFile, keyFileOf } = openKeyFolder(folder, ["orders"]);
    const verify = createCallerVerifier({ keys: keysFromFile(keysFile) });
    expect(
      await verify(proof(signedIdentity({ service: "orders", keyFile: keyFileOf("orders") }).tokenFor(STOCK)), STOCK),
    ).toBe("orders");
    const rotated = rotateKeys(folder, ["orders"]);
    await vi.advanceTimersByTimeAsync(2_000);
    await rotated;
    const fresh = signedIdentity({ service: "orders", keyFile: keyFileOf("orders") }).tokenFor(STOCK);
    expect(await verify(proof(fresh), STOCK)).toBe("orders");
  });
});

describe("tokens that the kubelet renews", () => {
  it("are read from the file of the callee, again after its replacement, and remain when it is removed", () => {
    let now = 0;
    const folder = temporary();
    writeFileSync(join(folder, STOCK), "first\n");
    const orders = folderIdentity({ service: "orders", folder, now: () => now });
    expect(orders.tokenFor(STOCK)).toBe("first");
    expect(orders.tokenFor(CARDS)).toBeUndefined();
    writeFileSync(join(folder, STOCK), "second\n");
    expect(orders.tokenFor(STOCK)).toBe("first");
    now += 2_000;
    expect(orders.tokenFor(STOCK)).toBe("second");
    writeFileSync(join(folder, STOCK), "third\n");
    orders.renew(STOCK); // The callee refused the second.
    expect(orders.tokenFor(STOCK)).toBe("third");
    renameSync(join(folder, STOCK), join(folder, "gone"));
    now += 2_000;
    expect(orders.tokenFor(STOCK)).toBe("third");
  });
});

describe("tokens of ServiceAccounts", () => {
  const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const { n, e } = pair.publicKey.export({ format: "jwk" });
  const access = temporary();
  writeFileSync(join(access, "token"), "pod-token\n");
  writeFileSync(join(access, "ca.crt"), "");
  const claims = {
    iss: "https://kubernetes.default.svc.cluster.local",
    sub: "system:serviceaccount:shop:kontor-orders",
  };
  const signedBy = (more: object) => tokenBy(pair.privateKey, { ...claims, ...more }, { alg: "RS256", kid: "cluster" });

  async function apiServer() {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers.authorization}`);
      const body = request.url?.endsWith("jwks")
        ? { keys: [{ kty: "RSA", n, e, kid: "cluster", alg: "RS256", use: "sig" }] }
        : { issuer: claims.iss };
      response.end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/openid/v1/jwks`;
    return {
      url,
      asked,
      close: () => server.close(),
      leave: () => server.removeAllListeners("request").on("request", (_, response) => response.writeHead(503).end()),
    };
  }

  it("are verified by the keys of the API server, which may leave afterwards", async () => {
    const api = await apiServer();
    let now = Date.now();
    const verify = createCallerVerifier({
      keys: keysFromCluster(api.url, access),
      subjectPrefix: "system:serviceaccount:shop:kontor-",
      now: () => now,
    });
    expect(await verify(proof(signedBy({})), STOCK)).toBe("orders");
    expect(api.asked).toEqual(
      expect.arrayContaining([
        "/openid/v1/jwks Bearer pod-token",
        "/.well-known/openid-configuration Bearer pod-token",
      ]),
    );
    api.leave();
    now += 6 * 60_000;
    const later = Math.floor(now / 1000);
    expect(await verify(proof(signedBy({ iat: later, exp: later + 600 })), STOCK)).toBe("orders");
    for (const [wrong, problem] of [
      [{ sub: "system:serviceaccount:other:kontor-orders" }, "its subject is no service of this install"],
      [{ sub: "system:serviceaccount:shop:second-orders" }, "its subject is no service of this install"],
      [{ sub: "orders" }, "its subject is no service of this install"],
      [{ iss: "https://elsewhere" }, "its issuer is unknown"],
      [{ aud: "https://kubernetes.default.svc" }, "its audience is another service"],
    ] as const)
      await expect(verify(proof(signedBy(wrong)), STOCK)).rejects.toEqual(refused("SERVICE_TOKEN_INVALID", problem));
    api.close();
  });

  it("are accepted from two issuers while one replaces the other, if the settings allow it", async () => {
    const api = await apiServer();
    const verify = createCallerVerifier({
      keys: keysFromCluster(api.url, access),
      subjectPrefix: "system:serviceaccount:shop:kontor-",
      issuers: ["https://former"],
    });
    expect(await verify(proof(signedBy({ iss: "https://former" })), STOCK)).toBe("orders");
    api.close();
  });
});

describe("an install that changes from the shared token", () => {
  const keys = openKeyFolder(temporary(), ["orders"]);
  const strict = createCallerVerifier({ keys: keysFromFile(keys.keysFile) });
  const onUse = vi.fn();
  const both = acceptSharedToken(strict, "shared", onUse);
  const orders = signedIdentity({ service: "orders", keyFile: keys.keyFileOf("orders"), sharedToken: "shared" });

  it("accepts callers of the earlier version, and counts them", async () => {
    expect(await both(proof(undefined, "orders", "shared"), STOCK)).toBe("orders");
    expect(onUse).toHaveBeenCalledTimes(1);
  });

  it("takes the service token of a caller that sends both", async () => {
    expect(await both(proof(orders.tokenFor(STOCK), "catalog", "shared"), STOCK)).toBe("orders");
    expect(onUse).not.toHaveBeenCalled();
  });

  it("accepts a caller whose service token cannot be verified yet", async () => {
    const early = acceptSharedToken(createCallerVerifier({ keys: keysFromFile("/nowhere") }), "shared", onUse);
    expect(await early(proof(orders.tokenFor(STOCK), "orders", "shared"), STOCK)).toBe("orders");
  });

  it.each([["guess"], [""], [undefined]])("refuses the shared token %o", async (token) =>
    expect(await both(proof(undefined, "orders", token), STOCK)).toBeUndefined(),
  );

  it("has ended where no shared token is set", async () => {
    expect(await strict(proof(undefined, "orders", "shared"), STOCK)).toBeUndefined();
    expect(await noCallers(proof(orders.tokenFor(STOCK), "orders", "shared"), STOCK)).toBeUndefined();
  });
});

describe("services that share an account", () => {
  const folder = temporary();
  const keys = openKeyFolder(folder, ["storefront"]);
  const groups = { storefront: ["users", "catalog"] };
  const verify = createCallerVerifier({ keys: keysFromFile(keys.keysFile), groups });
  const token = signedIdentity({ service: "storefront", keyFile: keys.keyFileOf("storefront") }).tokenFor(STOCK);

  it("are the one that they name, and no service of another account", async () => {
    expect(await verify(proof(token, "catalog"), STOCK)).toBe("catalog");
    for (const name of [undefined, "storefront", "orders"])
      await expect(verify(proof(token, name), STOCK)).rejects.toEqual(refused("SERVICE_TOKEN_INVALID"));
  });

  it("do not affect others: a name next to the token of a separate account has no effect", async () => {
    const own = createCallerVerifier({ keys: keysFromFile(keys.keysFile) });
    expect(await own(proof(token, "orders"), STOCK)).toBe("storefront");
  });
});

describe("services of one process", () => {
  const process = createProcessIdentities();
  const folder = temporary();
  const keys = openKeyFolder(folder, ["orders"]);
  const verify = process.accept(createCallerVerifier({ keys: keysFromFile(keys.keysFile) }));

  it("are known by their names to each other, each token to one callee", async () => {
    const token = process.identityOf("catalog").tokenFor(STOCK);
    expect(await verify(proof(token), STOCK)).toBe("catalog");
    await expect(verify(proof(token), CARDS)).rejects.toEqual(refused("SERVICE_TOKEN_INVALID"));
  });

  it("still know services of other processes, and are unknown to them", async () => {
    const outside = signedIdentity({ service: "orders", keyFile: keys.keyFileOf("orders") });
    expect(await verify(proof(outside.tokenFor(STOCK)), STOCK)).toBe("orders");
    const other = createProcessIdentities().accept(noCallers);
    expect(await other(proof(process.identityOf("catalog").tokenFor(STOCK)), STOCK)).toBeUndefined();
  });
});
