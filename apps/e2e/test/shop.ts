import { randomUUID } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type Component,
  defaultPorts,
  describeRun,
  inParallel,
  secrets as keptSecrets,
  logIn,
  nats,
  natsUrl,
  nodeProcess,
  ownerUrl,
  type Ports,
  type ProcessSpec,
  portsIn,
  postgres,
  processes,
  type Running,
  STAFF_EMAIL,
  shopClient,
  writeRunFile,
} from "@kontor/launcher";
import { connectOptions, OPERATOR } from "@kontor/nats";
import { type Database, openDatabase } from "@kontor/postgres";
import { freePort, startWatchdog } from "@kontor/servers";
import { type ServiceName, type TopologyName, topologyNames } from "@kontor/shop";
import { eventually } from "@kontor/testing";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { expect } from "vitest";
import { replicated } from "./replicas.ts";
import { restCalls } from "./rest-calls.ts";

/** Runs all scenarios with several replicas of each service: `KONTOR_REPLICAS=2`. */
const defaultReplicas = Number(process.env.KONTOR_REPLICAS ?? 1);

/** Runs all scenarios in another topology: `KONTOR_TOPOLOGY=one`. */
const topology: TopologyName = topologyNames.find((name) => name === process.env.KONTOR_TOPOLOGY) ?? "many";

const root = resolve(fileURLToPath(import.meta.url), "../../../..");

/** The parts of a response that tests read. */
export type Answer<T> = { readonly status: number; readonly headers: Headers; readonly text: string; readonly body: T };

export type OrderBody = {
  readonly id: string;
  readonly status: string;
  readonly reason?: string;
  readonly actionUrl?: string;
  readonly trackingNumber?: string;
  readonly version: number;
};

/** Matches JSON without white space that has an empty text in it. A response omits such fields. */
export const EMPTY_TEXT = /[:[,]""/;

/** The content of a problem response, by RFC 9457 and Kontor's extensions. */
export type Problem = {
  readonly status: number;
  readonly reason: string;
  readonly metadata: Record<string, string>;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
};

/**
 * The whole shop as real processes, each of which can be killed, stopped and started differently. `env` is by app; with several `replicas`
 * each service runs so often, the second one of orders under the name `orders-2`.
 */
export async function startShop(env: Record<string, Record<string, string>> = {}, { replicas = defaultReplicas } = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), "kontor-shop-"));
  chmodSync(dataDir, 0o755); // PostgreSQL, which does not run as root, stores its data in it.
  const options = { corsOrigins: [], rateLimits: false, topology };
  const freed = await freePorts();
  const ports = portsIn(freed, options);
  const secrets = keptSecrets(dataDir);
  const watchdog = startWatchdog({ signal: "SIGTERM" });
  const running = new Map<string, Running>();
  const databases = new Map<string, Database>();
  const once = processes(freed, secrets, dataDir, options);
  const specs = new Map((await replicated(once, ports, replicas)).map((spec) => [spec.name, spec]));
  const gateway = `http://127.0.0.1:${ports.gateway}`;

  async function run(component: Component): Promise<void> {
    running.set(component.name, await component.start());
  }

  /** The process that runs an app, by the name of either. */
  const processOf = (name: string) =>
    [...specs.values()].find((spec) => spec.name === name || spec.apps?.some((app) => app === name))?.name ?? name;

  async function start(name: string, more: Record<string, string> = {}): Promise<void> {
    if (name === "nats") return run(nats(dataDir, ports, secrets, watchdog));
    if (name === "postgres") return run(postgres(dataDir, ports, secrets));
    const spec = specs.get(processOf(name));
    if (spec === undefined) throw new Error(`There is no process ${name}.`);
    const surroundings = { root, dataDir, watchdog, verbose: false };
    await run(
      nodeProcess(
        { ...spec, env: { ...spec.env, ...overridesOf(spec, env), ...ofApp(spec, name, more) } },
        surroundings,
      ),
    );
  }

  async function stop(name: string, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    await running.get(processOf(name))?.stop(signal);
    running.delete(processOf(name));
  }

  await Promise.all([start("postgres"), start("nats")]);
  await inParallel(2, [...specs.keys()], (name) => start(name));
  const session = await logIn(gateway, STAFF_EMAIL, secrets.staffPassword);
  const staff = userOf(gateway, session.accessToken);
  await staff.inventory.createLocation({ location: { id: "BER", name: "Berlin" } });
  await staff.catalog.createCategory({ category: { id: "things", name: "Things" } });

  writeRunFile(dataDir, describeRun(ports, secrets, { pids: () => ({}), readyAfterMs: {} })); // For commands of operators.

  return {
    dataDir,
    gateway,
    staff,
    start,
    stop,
    /** Sends a signal that does not end the process, such as SIGSTOP and SIGCONT. */
    signal(name: string, signal: NodeJS.Signals): void {
      process.kill(running.get(processOf(name))?.pid ?? 0, signal);
    },
    /** Whether the process is ready. */
    isReady: async (name: string) => (await fetch(specs.get(processOf(name))?.readyUrl ?? "")).ok,
    /** The names of the processes of a service. */
    replicasOf: (app: string) =>
      [...specs.values()]
        .filter((spec) => (spec.app ?? spec.name) === app || spec.apps?.some((each) => each === app))
        .map(({ name }) => name),
    /** Resolves when the process has ended on its own. */
    ended: (name: string) => running.get(processOf(name))?.ended,
    restart: async (name: string, more?: Record<string, string>) => {
      await stop(name, "SIGKILL");
      await start(name, more);
    },
    database(service: ServiceName): Database {
      const known = databases.get(service);
      if (known !== undefined) return known;
      const opened = openDatabase({ url: ownerUrl(service, ports, secrets), service: "test", max: 2 });
      databases.set(service, opened);
      return opened;
    },
    ports,
    /** The URL of NATS with the credentials of a service. */
    natsUrl: (user: string) => natsUrl(ports, secrets, user),
    /** Loses all that JetStream has stored. The server must have been stopped. */
    wipeNats: async () => rmSync(join(dataDir, "nats"), { recursive: true, force: true }),
    /** The number of messages of a stream. */
    async streamMessages(stream: string): Promise<number> {
      const connection = await connect(connectOptions(OPERATOR, { natsUrl: [natsUrl(ports, secrets)] }));
      try {
        const { state } = await (await jetstreamManager(connection)).streams.info(stream);
        return state.messages;
      } finally {
        await connection.close();
      }
    },
    /** Puts a new product on sale. */
    async product(stock: number, { price = 1200 }: { price?: number } = {}): Promise<string> {
      const id = `T-${randomUUID().slice(0, 8)}`;
      const restock = { locationId: "BER", quantity: stock, reason: "test", reference: `first-${id}` };
      if (stock > 0) await staff.inventory.restock({ sku: id, ...restock });
      const variants = [{ sku: id, price: { currency: "EUR", minor: price }, weightGrams: 300 }];
      await staff.catalog.createProduct({ product: { id, title: `Thing ${id}`, categoryId: "things", variants } });
      await staff.catalog.publishProduct({ productId: id });
      return id;
    },
    stockOf: (sku: string) => staff.inventory.getStock({ sku }),
    shopper: () => registerShopper(gateway),
    /** The amount that the card provider charged for an order by its own log, net of refunds. */
    async charged(orderId: string): Promise<number> {
      const headers = { authorization: `Bearer ${secrets.pspApiKey}` };
      const answer = await fetch(`http://127.0.0.1:${ports.psp}/v1/payments?reference=${orderId}`, { headers });
      const { payments } = (await answer.json()) as { payments: { captured: number; refunded: number }[] };
      return payments.reduce((sum, { captured, refunded }) => sum + captured - refunded, 0);
    },
    /** The payments that the card provider has for an order. */
    async providerPayments(orderId: string): Promise<{ id: string; status: string }[]> {
      const headers = { authorization: `Bearer ${secrets.pspApiKey}` };
      const answer = await fetch(`http://127.0.0.1:${ports.psp}/v1/payments?reference=${orderId}`, { headers });
      return ((await answer.json()) as { payments: { id: string; status: string }[] }).payments;
    },
    /** The mails to an address, newest first. */
    async mails(to: string): Promise<{ subject: string }[]> {
      const answer = await fetch(`http://127.0.0.1:${ports.mailPage}/api/mails?to=${encodeURIComponent(to)}`);
      return ((await answer.json()) as { mails: { subject: string }[] }).mails;
    },
    async stopAll() {
      for (const database of databases.values()) await database.close();
      const servers = ["nats", "postgres"]; // Last, whenever they were restarted: processes end their work in them.
      const others = [...running.keys()].filter((name) => !servers.includes(name)).reverse();
      await inParallel(others.length, [...others], (name) => stop(name).catch(() => undefined));
      for (const name of servers) await stop(name).catch(() => undefined);
      watchdog.release();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** The settings of a test for the apps of a process. */
function overridesOf(spec: ProcessSpec, env: Record<string, Record<string, string>>): Record<string, string> {
  const apps = spec.app === "host" ? (spec.apps ?? []) : [spec.app ?? spec.name];
  return Object.assign({}, ...apps.map((app) => ofApp(spec, app, env[app] ?? {})));
}

/** Names settings of one app as its process reads them. Failpoints, logs and traces are those of the process. */
function ofApp({ app }: ProcessSpec, name: string, settings: Record<string, string>): Record<string, string> {
  if (app !== "host") return settings;
  const prefix = (variable: string) => (/^(KONTOR|LOG|NODE|OTEL)_/.test(variable) ? "" : `${name.toUpperCase()}__`);
  return Object.fromEntries(Object.entries(settings).map(([variable, value]) => [prefix(variable) + variable, value]));
}

export type Shop = Awaited<ReturnType<typeof startShop>>;

/** The typed client of a user, and raw calls of the same. */
const userOf = (gateway: string, token: string) => ({ ...shopClient(gateway, token), ...restCalls(gateway, token) });

/** A new customer with the address ADDR-55. */
async function registerShopper(gateway: string) {
  const email = `shopper-${randomUUID()}@kontor.example`;
  const password = `correct-${randomUUID()}`;
  await shopClient(gateway).users.register({ email, password, displayName: "Ada" });
  const { accessToken, userId } = await logIn(gateway, email, password);
  const client = userOf(gateway, accessToken);
  const address = {
    id: "ADDR-55",
    recipient: "Ada",
    line1: "Weg 1",
    city: "Berlin",
    postalCode: "10115",
    country: "DE",
  };
  await client.users.createAddress({ userId, address });

  async function request<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const answer = await fetch(gateway + path, {
      method,
      headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json", ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await answer.text();
    expect(text).not.toMatch(EMPTY_TEXT);
    const parsed: T = text === "" ? undefined : JSON.parse(text);
    return { status: answer.status, headers: answer.headers, text, body: parsed } satisfies Answer<T>;
  }

  return {
    ...{ email, password, userId, accessToken, client, request },
    /** Places an order for one product, exactly as the product's documentation shows it. */
    place: <T = OrderBody>(productId: string, overrides: Record<string, unknown> = {}) =>
      request<T>("POST", "/api/v1/orders", anOrder(productId, overrides)),
    order: (id: string) => client.orders.getOrder({ orderId: id }),
    /** Waits until the order has this status. */
    until: (id: string, status: string, timeoutMs = 30_000) =>
      eventually(
        async () => {
          const order = await client.orders.getOrder({ orderId: id });
          expect(order.status, `${order.reason} ${id}`).toBe(status);
          return order;
        },
        { timeoutMs },
      ),
    history: async (id: string): Promise<string[]> => {
      const { entries } = await client.orders.listOrderHistory({ orderId: id });
      return entries.map(({ type }) => type);
    },
  };
}

export type Shopper = Awaited<ReturnType<typeof registerShopper>>;

/** The request body of the documentation, for one product. */
export function anOrder(productId: string, overrides: Record<string, unknown> = {}) {
  return {
    items: [{ productId, quantity: 2, price: 1200 }],
    shippingAddressId: "ADDR-55",
    paymentMethod: "card",
    idempotencyKey: randomUUID(),
    ...overrides,
  };
}

async function freePorts(): Promise<Ports> {
  const ports = { ...defaultPorts };
  for (const name of Object.keys(ports) as (keyof Ports)[]) ports[name] = await freePort();
  return ports;
}
