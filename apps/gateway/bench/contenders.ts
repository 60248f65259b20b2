import { generateKeyPairSync, sign } from "node:crypto";
import { fileURLToPath } from "node:url";
import { type Contender, type Env, startContender } from "./contender.ts";
import { buildGrpcGateway } from "./grpc-gateway.ts";

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const { x = "" } = publicKey.export({ format: "jwk" });
const keys = [{ kid: "k1", kty: "OKP", crv: "Ed25519", alg: "EdDSA", use: "sig", x }];
/** The name of the contender in Go. */
export const GRPC_GATEWAY = "grpc-gateway";
const plenty = { limit: 1_000_000_000, windowSeconds: 1 };

/** Starts the upstream, on a core that it shares with the load. */
export function startUpstream(): Promise<Contender> {
  const command = [process.execPath, file("upstream.ts")] as const;
  const env = (port: string) => ({ PORT: port, BENCH_KEYS: JSON.stringify(keys) });
  return startContender({ name: "upstream", command, env, core: 1 });
}

/** Starts all contenders on the first core, the naive one first, and the gateway once more with each of `clients`. */
export async function startContenders(
  upstream: string,
  { go: withGo, clients }: { readonly go: boolean; readonly clients: readonly string[] },
): Promise<Contender[]> {
  const node = (name: string, path: string, env: Env, headers = {}) =>
    startContender({ name, command: [process.execPath, file(path)], env, core: 0, headers });
  // The naive handler logs nothing, so no contender does: warnings and worse only.
  const gateway = (port: string) => ({
    GATEWAY_PORT: port,
    METRICS_PORT: "0",
    LOG_LEVEL: "warn",
    GATEWAY_UPSTREAMS: JSON.stringify({ "*": upstream }),
    GATEWAY_RATE_LIMITS: JSON.stringify({ default: plenty, orders: plenty }),
  });
  const naive = (port: string) => ({ PORT: port, UPSTREAM: upstream });
  const contenders = [
    await node("naive", "naive.ts", naive),
    await node("gateway, policy off", "../src/main.ts", (port) => ({ ...gateway(port), GATEWAY_AUTH: "off" })),
    await node("gateway, policy on", "../src/main.ts", gateway, { authorization: `Bearer ${token()}` }),
  ];
  for (const client of clients) {
    const env = (port: string) => ({ ...gateway(port), GATEWAY_AUTH: "off", GATEWAY_GRPC_CLIENT: client });
    contenders.push(await node(`gateway, policy off, ${client}`, "../src/main.ts", env));
  }
  const go = withGo ? buildGrpcGateway() : undefined;
  if (go === undefined) return contenders;
  const env = (port: string) => ({ ...naive(port), GOMAXPROCS: "1" });
  return [...contenders, await startContender({ name: GRPC_GATEWAY, command: [go], env, core: 0 })];
}

/** An access token as the users service makes them. */
function token(): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: "https://kontor.local",
    aud: "kontor",
    sub: "u1",
    scope: "orders.write",
    iat: now,
    exp: now + 7200,
  };
  const parts = [{ alg: "EdDSA", typ: "at+jwt", kid: "k1" }, claims];
  const input = parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${input}.${sign(null, Buffer.from(input), privateKey).toString("base64url")}`;
}
