import type { Settings } from "@kontor/config";
import { createMessaging, messagingRetention } from "@kontor/messaging";
import { createTokenVerifier } from "@kontor/policy";
import { createRetention, followClock, openDatabase } from "@kontor/postgres";
import { connectTarget, connectTargets, createClient, createServer } from "@kontor/rpc";
import type { Logger } from "@kontor/telemetry";
import { type Closers, createClosers } from "./closers.ts";
import type { ClientFactory, Parts, ServiceContext, ServiceDefinition } from "./define-service.ts";
import { callerIdentity, callerVerifier } from "./identity.ts";
import { onceAvailable } from "./once-available.ts";
import { changeableHistory, prepareDatabase } from "./prepare-database.ts";
import { withDefaults } from "./process-settings.ts";
import { runMigrations } from "./run-migrations.ts";
import { runProcess } from "./run-process.ts";
import { type ServiceConfig, serviceSettings } from "./service-settings.ts";
import { type Life, type ProcessDefinition, type Stoppable, startProcess } from "./start-process.ts";
import { warmUp } from "./warm-up.ts";

interface StartedService extends Stoppable {
  readonly grpcPort: number;
}

/** A service that has started, as a test sees it. */
export interface RunningService extends Stoppable {
  /** Port of gRPC. */
  readonly grpcPort: number;
  /** Port of /metrics, /livez and /readyz. */
  readonly metricsPort: number;
}

/** The values all services share. Generic settings hide them from the compiler. */
type Common = ServiceConfig<Record<never, never>> & { readonly issuerAddress?: string };

/**
 * Runs a service as the process it is: see {@link runProcess}. The whole of its `main.ts`. With the argument `migrate` it only
 * brings the schema up to date: see {@link runMigrations}.
 */
export function runService<S extends Settings>(definition: ServiceDefinition<S>): Promise<void> {
  return process.argv[2] === "migrate" ? runMigrations(definition) : runProcess(processOf(definition));
}

/**
 * Starts a service inside another process, such as a test's: no signals, no exit. What is not given takes its default, and
 * ports are free ones; `databaseUrl` must be given.
 *
 * ```ts
 * declare const system: System;
 * const greetings = defineService({
 *   system,
 *   name: "greetings",
 *   settings: {},
 *   migrations: new URL("../prisma/migrations/", import.meta.url),
 *   build: () => ({ services: [] }),
 * });
 * const running = await startService(greetings, { databaseUrl: "postgresql://localhost/greetings" });
 * await running.stop();
 * ```
 */
export async function startService<S extends Settings>(
  definition: ServiceDefinition<S>,
  config: Partial<ServiceConfig<S>>,
  log?: Logger,
): Promise<RunningService> {
  const process = processOf(definition);
  const complete = withDefaults(process.settings, { grpcPort: 0, ...config } as Partial<ServiceConfig<S>>);
  const { metricsPort, started, stop } = await startProcess(process, complete, log);
  return { grpcPort: started.grpcPort, metricsPort, stop };
}

/** Returns every setting that a process of the service reads, but those of all processes. */
export function settingsOf<S extends Settings>({ settings, system }: ServiceDefinition<S>): S & typeof serviceSettings {
  return { ...serviceSettings, ...(system.issuer && { issuerAddress: system.issuer.address }), ...settings };
}

function processOf<S extends Settings>(
  definition: ServiceDefinition<S>,
): ProcessDefinition<S & typeof serviceSettings, StartedService> {
  return {
    name: definition.name,
    settings: settingsOf(definition),
    start: (life) =>
      onceAvailable(() => start(definition, life), { withinMs: (life.config as Common).startWithinMs, log: life.log }),
  };
}

/** Starts everything, or lets go of it again: a failed start can be repeated. */
async function start<S extends Settings>(
  definition: ServiceDefinition<S>,
  { config, log }: Life<S & typeof serviceSettings>,
): Promise<StartedService> {
  const closers = createClosers(log);
  try {
    const context = await openContext(definition, config, log, closers);
    const parts = await definition.build(context);
    await startWork(parts, context, closers);
    const grpcPort = await serve(definition, parts, context, closers);
    return { grpcPort, stop: closers.closeAll };
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

async function openContext<S extends Settings>(
  definition: ServiceDefinition<S>,
  given: ServiceConfig<S>,
  log: Logger,
  closers: Closers,
): Promise<ServiceContext<S>> {
  const { name } = definition;
  const { databaseUrl, databaseCaFile, natsReplicas, rpcRetries, rpcClient } = given as Common;
  await prepareDatabase(definition, given as Common, log);
  const config = { ...given, databaseOwnerUrl: undefined }; // Nothing that runs has the owner's password.
  const db = openDatabase({ url: databaseUrl, caFile: databaseCaFile, service: name });
  closers.add("database", () => db.close());
  const clock = await followClock(db);
  closers.add("clock", () => clock.stop());
  const tables = await changeableHistory(db, definition);
  if (tables.length > 0) log.warn({ tables }, "database role may change history");
  const messaging = createMessaging({
    db,
    service: name,
    nats: given as Common,
    topology: definition.system.topology,
    log,
    settings: { replicas: natsReplicas },
  });
  const identity = callerIdentity(name, config as Common, () => clock.now().getTime());
  const client: ClientFactory = (service, address, options) => {
    const made = createClient(service, {
      address,
      identity,
      retries: rpcRetries,
      transport: rpcClient,
      log,
      ...options,
    });
    closers.add("client", () => made[Symbol.dispose]());
    return made;
  };
  return { config, db, now: clock.now, messaging, log, client };
}

async function startWork<S extends Settings>(
  parts: Parts,
  context: ServiceContext<S>,
  closers: Closers,
): Promise<void> {
  const { messaging } = context;
  const retention = retentionOf(parts, context);
  for (const consumer of parts.consumers ?? []) messaging.consume(consumer);
  closers.add("messaging", () => messaging.stop());
  await messaging.start();
  closers.add("consumers", () => messaging.drain());
  for (const work of parts.background ?? []) {
    closers.add("background work", () => work.stop());
    await work.start();
  }
  closers.add("retention", () => retention.stop());
  retention.start();
}

function retentionOf<S extends Settings>(parts: Parts, { config, db, log }: ServiceContext<S>) {
  const { outboxRetention, inboxRetention, deadLetterRetention, retentionInterval } = config as Common;
  const ofMessaging = messagingRetention({
    outboxRetentionMs: outboxRetention,
    inboxRetentionMs: inboxRetention,
    deadLetterRetentionMs: deadLetterRetention,
  });
  return createRetention({
    db,
    rules: [...ofMessaging, ...(parts.retention ?? [])],
    log,
    intervalMs: retentionInterval,
  });
}

async function serve<S extends Settings>(
  { system }: ServiceDefinition<S>,
  parts: Parts,
  context: ServiceContext<S>,
  closers: Closers,
): Promise<number> {
  const { grpcHost, grpcPort, maxConnectionAge, graceMs, tokenIssuer, tokenAudience } = context.config as Common;
  const { issuerAddress, warmUpMs } = context.config as Common;
  const published = issuerAddress === undefined ? undefined : system.issuer?.keys(context.client, issuerAddress);
  const keys = parts.keys ?? published ?? (async () => ({ keys: [] }));
  const verifyToken = createTokenVerifier({
    issuer: tokenIssuer,
    audience: tokenAudience,
    keys,
    now: () => context.now().getTime(),
    onBadKey: (kid, err) => context.log.warn({ kid, err }, "malformed issuer key skipped"),
  });
  const verifyCaller = callerVerifier(context.config as Common, context.log, () => context.now().getTime());
  const server = createServer({
    services: parts.services,
    policy: { verifyToken, verifyCaller },
    log: context.log,
    limits: { maxConnectionAgeMs: maxConnectionAge, ...parts.limits },
  });
  const bound = await server.listen(grpcHost, grpcPort);
  // The greater part of the grace belongs to the calls, the rest to what stops after them.
  closers.add("gRPC server", () => server.drain(graceMs * 0.6));
  const connectIssuer = (leftMs: number) => connectTarget(issuerAddress ?? "", leftMs).then(verifyToken.loadKeys);
  const failures = await warmUp(warmUpMs, [
    connectTargets,
    ...(issuerAddress === undefined ? [] : [connectIssuer]),
    async () => verifyCaller.loadKeys?.(),
  ]);
  for (const err of failures)
    context.log.warn({ err, waitedMs: warmUpMs }, "serving started without all callees and keys");
  server.setServing(true);
  return bound;
}
