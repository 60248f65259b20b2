import type { Settings } from "@kontor/config";
import { createMessaging, messagingRetention } from "@kontor/messaging";
import { formerName } from "@kontor/nats";
import { createTokenVerifier, type ProcessIdentities } from "@kontor/policy";
import { createRetention, followClock, openDatabase } from "@kontor/postgres";
import { connectTarget, createClient, type FormerNameOf, inProcessService, type Served, serve } from "@kontor/rpc";
import type { Logger } from "@kontor/telemetry";
import { type Closers, createClosers } from "./closers.ts";
import type { ClientFactory, Parts, ServiceContext, ServiceDefinition, System } from "./define-service.ts";
import { callerIdentity, callerVerifier } from "./identity.ts";
import { changeableHistory, prepareDatabase } from "./prepare-database.ts";
import type { ServiceConfig } from "./service-settings.ts";

/** The values all services share. Generic settings hide them from the compiler. */
export type Common = ServiceConfig<Record<never, never>> & { readonly issuerAddress?: string };

/** A service of a process, with the values of its settings. */
export interface Member {
  readonly definition: ServiceDefinition<Settings>;
  readonly config: ServiceConfig<Settings>;
  readonly log: Logger;
}

/** A service that is built. It has its connections, and neither serves nor works yet. */
export interface OpenMember {
  readonly name: string;
  readonly log: Logger;
  readonly served: Served;
  /** Starts the relay, the consumers and the background work. */
  startWork(): Promise<void>;
  /** Ends retention, background work and consumers, in this order. The relay continues. */
  stopWork(): Promise<void>;
  /** Publishes the rest of the outbox and closes the connection to NATS. */
  stopRelay(): Promise<void>;
  /** Closes clients and database. */
  close(): Promise<void>;
  /** The work that the first call would otherwise wait for, each within the remaining time. */
  readonly warmUps: readonly ((leftMs: number) => Promise<unknown>)[];
}

/**
 * Brings the schema up to date, connects and joins the parts. If that fails, everything is closed again. With `process` the
 * service proves its name to services of the same process by its identities.
 */
export async function openMember(member: Member, process?: ProcessIdentities): Promise<OpenMember> {
  const { definition, log } = member;
  const connections = createClosers(log);
  const work = createClosers(log);
  try {
    const context = await openContext(member, connections, process);
    const parts = await definition.build(context);
    const { served, warmUps } = serveParts(definition, parts, context, process);
    return {
      name: definition.name,
      log,
      served,
      warmUps,
      startWork: () => startWork(parts, context, work),
      stopWork: work.closeAll,
      stopRelay: () => context.messaging.stop(),
      close: connections.closeAll,
    };
  } catch (error) {
    await connections.closeAll();
    throw error;
  }
}

async function openContext(
  { definition, config: given, log }: Member,
  closers: Closers,
  process: ProcessIdentities | undefined,
): Promise<ServiceContext<Settings>> {
  const { name } = definition;
  const { databaseUrl, databaseCaFile, databaseConnections, natsReplicas, rpcRetries, rpcClient } = given as Common;
  const { consumerPartitions, databaseReadUrl } = given as Common;
  await prepareDatabase(definition, given as Common, log);
  const config = { ...given, databaseOwnerUrl: undefined }; // Nothing that runs has the owner's password.
  const db = openDatabase({
    ...{ url: databaseUrl, caFile: databaseCaFile, service: name, max: databaseConnections },
    readUrl: databaseReadUrl,
    onReplicaChange: (problem) =>
      problem === undefined
        ? log.info("reads moved to the replica")
        : log.warn({ problem }, "reads moved to the primary"),
  });
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
    settings: { replicas: natsReplicas, partitions: consumerPartitions },
  });
  const outside = callerIdentity(name, config as Common, () => clock.now().getTime(), process !== undefined);
  const inside = process?.identityOf(name);
  const client: ClientFactory = (service, address, options) => {
    const made = createClient(service, {
      address,
      identity: inProcessService(address) === undefined ? outside : inside,
      retries: rpcRetries,
      transport: rpcClient,
      formerNameOf: formerNameIn(definition.system),
      log,
      ...options,
    });
    closers.add("client", () => made[Symbol.dispose]());
    return made;
  };
  return { config, db, now: clock.now, messaging, log, client };
}

async function startWork(parts: Parts, context: ServiceContext<Settings>, closers: Closers): Promise<void> {
  const { messaging } = context;
  const retention = retentionOf(parts, context);
  for (const consumer of parts.consumers ?? []) messaging.consume(consumer);
  closers.add("consumers", () => messaging.drainConsumers());
  await messaging.start();
  for (const work of parts.background ?? []) {
    closers.add("background work", () => work.stop());
    await work.start();
  }
  closers.add("retention", () => retention.stop());
  retention.start();
}

function formerNameIn({ topology }: System): FormerNameOf {
  return (name) => formerName(topology, name);
}

function retentionOf(parts: Parts, { config, db, log }: ServiceContext<Settings>) {
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

function serveParts(
  { system }: ServiceDefinition<Settings>,
  parts: Parts,
  { config, client, now, log }: ServiceContext<Settings>,
  process: ProcessIdentities | undefined,
): Pick<OpenMember, "served" | "warmUps"> {
  const { issuerAddress, maxConnectionAge, tokenIssuer, tokenAudience } = config as Common;
  const published = issuerAddress === undefined ? undefined : system.issuer?.keys(client, issuerAddress);
  const clock = () => now().getTime();
  const verifyToken = createTokenVerifier({
    issuer: tokenIssuer,
    audience: tokenAudience,
    keys: parts.keys ?? published ?? (async () => ({ keys: [] })),
    now: clock,
    onBadKey: (kid, err) => log.warn({ kid, err }, "malformed issuer key skipped"),
  });
  const configured = callerVerifier(config as Common, log, clock);
  const verifyCaller = process?.accept(configured) ?? configured;
  const served = serve({
    services: parts.services,
    policy: { verifyToken, verifyCaller },
    formerNameOf: formerNameIn(system),
    log,
    limits: { maxConnectionAgeMs: maxConnectionAge, ...parts.limits },
  });
  const connectIssuer = (leftMs: number) => connectTarget(issuerAddress ?? "", leftMs).then(verifyToken.loadKeys);
  const loadKeys = async () => verifyCaller.loadKeys?.();
  return { served, warmUps: issuerAddress === undefined ? [loadKeys] : [connectIssuer, loadKeys] };
}
