import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type Faults, noFaults, turnKnobs } from "./faults.ts";
import { createHttpApi, type Route } from "./http-api.ts";
import { HttpError } from "./http-error.ts";
import { type Journal, openJournal, type Resource } from "./journal.ts";
import { createOperations, type Perform } from "./operations.ts";
import { createWebhookSender, type WebhookTarget } from "./webhook-sender.ts";

/** The settings of every simulator. */
export interface SimulatorConfig {
  /** Address that it listens on. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Folder of its log. */
  readonly dataDir: string;
  /** The key that callers send as `Authorization: Bearer`. */
  readonly apiKey: string;
  /** No webhooks are sent without. */
  readonly webhook?: WebhookTarget;
}

/** The dependencies of a simulator's routes. */
export interface Parts<R extends Resource> {
  /** All that happened. */
  readonly journal: Journal<R>;
  /** Makes a keyed POST route. */
  readonly operation: (path: string, perform: Perform<R>) => Route;
  /** The address of this server, for links it hands out. */
  readonly address: () => string;
}

/** The part that differs between simulators. */
export interface Behaviour {
  /** Its own routes. */
  readonly routes: readonly Route[];
  /** Resumes the timers of stored resources; called once the server listens. */
  start(): void;
  /** Ends the background work. */
  stop(): void;
  /** The simulator's own knobs, next to the faults, and the function that applies a changed one. */
  readonly knobs?: object;
  /** Called after a knob was changed. */
  readonly turned?: () => void;
}

/** A running simulator. */
export interface Simulator {
  /** The port it listens on. */
  readonly port: number;
  /** Stops it. */
  close(): Promise<void>;
}

/** Starts a simulator: its log, its routes, `/healthz`, `/v1/log`, `/v1/operations`, `/v1/control`, and its webhooks. */
export async function startSimulator<R extends Resource>(
  config: SimulatorConfig,
  behave: (parts: Parts<R>) => Behaviour,
): Promise<Simulator> {
  const faults = noFaults();
  const sender =
    config.webhook && createWebhookSender(config.webhook, faults, (event, outcome) => journal.settle(event, outcome));
  const journal: Journal<R> = await openJournal<R>(join(config.dataDir, "log.jsonl"), (event) => sender?.send(event));

  let port = config.port;
  const address = () => `http://${config.host === "0.0.0.0" ? "localhost" : config.host}:${port}`;
  const behaviour = behave({ journal, operation: createOperations(journal, faults), address });
  const routes = [...commonRoutes(journal, faults, behaviour), ...behaviour.routes];
  const server = createHttpApi({ routes: routes.map((route) => afterFlush(route, journal)), apiKey: config.apiKey });

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(config.port, config.host, resolve);
  });
  port = (server.address() as AddressInfo).port;
  for (const event of journal.undelivered()) sender?.send(event);
  behaviour.start();

  return {
    port,
    async close() {
      behaviour.stop();
      sender?.close();
      await new Promise((resolve) => {
        server.close(resolve);
        setTimeout(() => server.closeAllConnections(), 500).unref();
      });
      await journal.close();
    },
  };
}

/** Delays responses until the disk has all that memory has. */
function afterFlush<R extends Resource>(route: Route, journal: Journal<R>): Route {
  return {
    ...route,
    async handle(call) {
      try {
        return await route.handle(call);
      } finally {
        await journal.flush();
      }
    },
  };
}

function commonRoutes<R extends Resource>(journal: Journal<R>, faults: Faults, behaviour: Behaviour): Route[] {
  const knobs = () => ({ ...faults, ...behaviour.knobs });
  return [
    { method: "GET", path: "/healthz", open: true, handle: () => ({ status: 200, body: { status: "ok" } }) },
    {
      method: "GET",
      path: "/v1/log",
      async handle() {
        await journal.flush();
        return { status: 200, body: journal.read(), headers: { "content-type": "application/x-ndjson" } };
      },
    },
    {
      method: "GET",
      path: "/v1/operations",
      handle({ query }) {
        const found = journal.operation(query.get("idempotencyKey") ?? "");
        if (!found) throw new HttpError(404, "operation_not_found", "No operation with this key has happened.");
        const { key, type, resourceId, at, status, answer } = found;
        return { status: 200, body: { idempotencyKey: key, type, resourceId, at, status, answer } };
      },
    },
    { method: "GET", path: "/v1/control", handle: () => ({ status: 200, body: knobs() }) },
    {
      method: "POST",
      path: "/v1/control",
      handle({ body }) {
        const turned = knobs();
        turnKnobs(turned, body);
        assignKnown(faults, turned);
        if (behaviour.knobs) assignKnown(behaviour.knobs, turned);
        behaviour.turned?.();
        return { status: 200, body: knobs() };
      },
    },
  ];
}

function assignKnown(target: object, source: object): void {
  Object.assign(target, Object.fromEntries(Object.entries(source).filter(([name]) => name in target)));
}
