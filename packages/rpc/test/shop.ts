import type { DescService } from "@bufbuild/protobuf";
import { defineErrors, KontorError } from "@kontor/errors";
import { createCallerVerifier, type Principal } from "@kontor/policy";
import { InventoryService, OrdersService } from "@kontor/sample";
import { createLogger } from "@kontor/telemetry";
import { createServiceIdentities } from "@kontor/testing";
import {
  createClient,
  createServer,
  type Handlers,
  type Implementation,
  implement,
  inProcessAddress,
  type ServerLimits,
} from "../src/index.ts";
import { medium, serverTransport, transport } from "./transport.ts";

/** The keys of the services in tests. */
export const identities = createServiceIdentities(["orders", "catalog"]);

const verifyCaller = createCallerVerifier({ keys: { load: identities.load } });

const tokenErrors = defineErrors("test.kontor", { TOKEN_INVALID: { code: "UNAUTHENTICATED", message: "Bad token." } });

/** A token is good if it reads `subject:scope,scope`, or `subject:scope,scope:milliseconds` for one that expires. */
export async function verifyToken(token: string): Promise<Principal> {
  const [subject, scopes, expiresAt] = token.split(":");
  if (!subject || scopes === undefined) throw tokenErrors.TOKEN_INVALID();
  return {
    subject,
    scopes: new Set(scopes.split(",")),
    roles: [],
    token,
    expiresAt: new Date(Number(expiresAt ?? 8.64e15)),
  };
}

/** An implementation of which a test only needs a part. */
export function partly<S extends DescService>(service: S, handlers: Partial<Handlers<S>>): Implementation {
  const missing = () =>
    Promise.reject(new KontorError({ code: "UNIMPLEMENTED", reason: "X", domain: "x", message: "x" }));
  const all = Object.fromEntries(service.methods.map(({ localName }) => [localName, missing]));
  return implement(service, { ...all, ...handlers } as never);
}

/** Lines that the server logged. */
export type LogLine = Readonly<Record<string, unknown>>;

let servers = 0;

/** A server on a free port, or within this process, with the given handlers of inventory and orders. */
export async function aServer(
  handlers: {
    readonly inventory?: Partial<Handlers<typeof InventoryService>>;
    readonly orders?: Partial<Handlers<typeof OrdersService>>;
  },
  limits: Partial<ServerLimits> = {},
  at = 0,
) {
  const logged: LogLine[] = [];
  const server = createServer({
    services: [partly(InventoryService, handlers.inventory ?? {}), partly(OrdersService, handlers.orders ?? {})],
    policy: { verifyToken, verifyCaller },
    log: createLogger({ service: "test" }, { write: (line) => void logged.push(JSON.parse(line)) }),
    limits,
    transport: serverTransport,
  });
  const port = await server.listen("127.0.0.1", at);
  server.setServing(true);
  const name = `test-${++servers}`;
  if (medium === "in-process") server.listenInProcess(name);
  const address = medium === "in-process" ? inProcessAddress(name) : `127.0.0.1:${port}`;
  const options = { address, identity: identities.of("orders"), transport };
  const inventory = createClient(InventoryService, options);
  const orders = createClient(OrdersService, options);
  return {
    server,
    address,
    logged,
    inventory,
    orders,
    async stop() {
      inventory[Symbol.dispose]();
      orders[Symbol.dispose]();
      await server.drain(200);
    },
  };
}
