import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { Writable } from "node:stream";
import type { DescService, Message } from "@bufbuild/protobuf";
import { createTokenVerifier, noCallers } from "@kontor/policy";
import { type CallContext, createServer, implement } from "@kontor/rpc";
import { transport } from "@kontor/rpc/testing";
import { type ProcessConfig, startProcess, withDefaults } from "@kontor/service";
import { CatalogService } from "@kontor/shop/contracts/catalog/v1/catalog_service";
import { InventoryService } from "@kontor/shop/contracts/inventory/v1/inventory_service";
import { CartService } from "@kontor/shop/contracts/orders/v1/cart_service";
import { OrdersService } from "@kontor/shop/contracts/orders/v1/orders_service";
import { PaymentsService } from "@kontor/shop/contracts/payments/v1/payments_service";
import { PricingService } from "@kontor/shop/contracts/pricing/v1/pricing_service";
import { ShippingService } from "@kontor/shop/contracts/shipping/v1/shipping_service";
import { UsersService } from "@kontor/shop/contracts/users/v1/users_service";
import { createLogger } from "@kontor/telemetry";
import { gatewayProcess } from "../src/app.ts";
import type { settings } from "../src/config.ts";

/** Handles any RPC of the services behind the gateway. */
export type Script = (rpc: string, request: Message, context: CallContext) => unknown;

/** The gateway in front of real gRPC servers with scripted responses. */
export interface Shop {
  script: Script;
  /** Returns the sessions that users lists as ended. Default: none. */
  endedSessions: () => Promise<object>;
  readonly seen: { readonly rpc: string; readonly request: Message; readonly context: CallContext }[];
  readonly url: string;
  readonly logged: Record<string, unknown>[];
  readonly metricsPort: number;
  /** The addresses of the services, for tests that put a proxy between. */
  readonly servicesPort: number;
  /** A token as the users service issues it. */
  token(subject: string, scopes: string, claims?: object, header?: object): string;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  stop(): Promise<void>;
}

const issuer = "https://kontor.local";

/**
 * Starts services and gateway on free ports. More services may be scripted than the shop has. `onServices` receives the port of the
 * services before the gateway starts.
 */
export async function startShop(
  config: Partial<ProcessConfig<typeof settings>> = {},
  more: readonly DescService[] = [],
  onServices: (port: number) => void = () => {},
  endedSessions: Shop["endedSessions"] = async () => ({}),
): Promise<Shop> {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const { x = "" } = publicKey.export({ format: "jwk" });
  const jwks = { keys: [{ kid: "k1", kty: "OKP", crv: "Ed25519", alg: "EdDSA", use: "sig", x }] };
  const shop = { script: (() => ({})) as Script, endedSessions };
  const seen: Shop["seen"][number][] = [];
  const logged: Record<string, unknown>[] = [];
  const scripted = (service: DescService) =>
    implement(
      service,
      new Proxy({} as never, {
        get: (_, rpc: string) => (request: Message, context: CallContext) => {
          if (rpc === "getJwks") return Promise.resolve(jwks);
          if (rpc === "listEndedSessions") return shop.endedSessions();
          seen.push({ rpc, request, context });
          return shop.script(rpc, request, context);
        },
      }),
    );
  const quiet = createLogger({ service: "upstream", level: "fatal" });
  const sold = [CatalogService, InventoryService, PricingService];
  const own = [UsersService, ...sold, CartService, OrdersService, PaymentsService, ShippingService];
  const services = [...own, ...more].map(scripted);
  const server = createServer({
    services,
    policy: {
      verifyToken: createTokenVerifier({ issuer, audience: "kontor", keys: async () => jwks }),
      verifyCaller: noCallers,
    },
    log: quiet,
  });
  const port = await server.listen("127.0.0.1", 0);
  onServices(port);
  const log = createLogger({ service: "gateway", level: "info" }, collector(logged));
  const complete = withDefaults(gatewayProcess.settings, {
    port: 0,
    graceMs: 2_000,
    grpcClient: transport,
    ...config,
    upstreams: JSON.stringify({ "*": `127.0.0.1:${port}`, ...JSON.parse(config.upstreams ?? "{}") }),
  });
  const gateway = await startProcess(gatewayProcess, complete, log);
  const url = `http://127.0.0.1:${gateway.started.port}`;
  return Object.assign(shop, {
    seen,
    url,
    logged,
    metricsPort: gateway.metricsPort,
    servicesPort: port,
    token: (subject: string, scopes: string, claims: object = {}, header: object = {}) =>
      jwt(privateKey, { sub: subject, scope: scopes, ...claims }, header),
    fetch: (path: string, init?: RequestInit) => fetch(url + path, init),
    async stop() {
      await gateway.stop();
      await server.drain(0);
    },
  });
}

function jwt(key: KeyObject, claims: object, header: object): string {
  const now = Math.floor(Date.now() / 1000);
  const parts = [
    { alg: "EdDSA", typ: "at+jwt", kid: "k1", ...header },
    { iss: issuer, aud: "kontor", iat: now, exp: now + 600, ...claims },
  ].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
  const input = parts.join(".");
  return `${input}.${sign(null, Buffer.from(input), key).toString("base64url")}`;
}

function collector(into: Record<string, unknown>[]): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString().trim().split("\n")) into.push(JSON.parse(line));
      done();
    },
  });
}
