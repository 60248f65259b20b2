import { currentDurables } from "@kontor/messaging";
import { connectOptions, OPERATOR } from "@kontor/nats";
import { topology } from "@kontor/shop";
import { type ConsumerInfo, type JetStreamManager, jetstreamManager, type StreamInfo } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { doubtful, type Finding, type Verdict, wrong } from "../finding.ts";

/** With more unread messages than this, a consumer is too slow or does not run. */
const LAG = 1_000;

/** The configured number of replicas of a service's stream. */
type Copies = (service: string) => Promise<number>;
type Remedies = { readonly restart: (service: string) => string; readonly logs: (service: string) => string };

/** Checks that every stream and durable consumer of the topology exists, with its replicas, and that consumers are not behind. */
export async function checkEvents(
  servers: string,
  remedies: Remedies,
  copies: Copies = async () => 1,
): Promise<Verdict> {
  // A cluster would name servers that cannot be reached from here.
  const options = connectOptions(OPERATOR, { natsUrl: [servers] });
  const connection = await connect({ ...options, timeout: 5_000, ignoreClusterUpdates: true });
  try {
    const jsm = await jetstreamManager(connection);
    const streams = await Promise.all(topology.streams.map((stream) => checkStream(jsm, stream, remedies, copies)));
    const consumers = await Promise.all(topology.consumers.map((one) => checkConsumer(jsm, one, remedies)));
    const seen = `${topology.streams.length} streams, ${topology.consumers.length} consumers, ${lagOf(consumers)} unread`;
    return { seen, findings: [...streams, ...consumers].flatMap(({ findings }) => findings) };
  } finally {
    await connection.close();
  }
}

type Stream = (typeof topology.streams)[number];
type Consumer = (typeof topology.consumers)[number];

async function checkStream(jsm: JetStreamManager, stream: Stream, { restart, logs }: Remedies, copies: Copies) {
  const subject = `stream ${stream.name}`;
  const info = await jsm.streams.info(stream.name).catch(absent);
  if (!info) {
    const remedy = `${stream.service} makes it when it starts: ${restart(stream.service)}\nWhat it lost is published again from the outbox.`;
    return { findings: [wrong(subject, "It does not exist.", remedy)] };
  }
  const few = fewCopies(subject, info, { service: stream.service, wanted: await copies(stream.service), logs });
  return { findings: [...streamTroubles(subject, stream, info), ...few] };
}

function fewCopies(
  subject: string,
  { config }: StreamInfo,
  { service, wanted, logs }: { service: string; wanted: number; logs: Remedies["logs"] },
): Finding[] {
  if (config.num_replicas >= wanted) return [];
  const problem = `It has ${config.num_replicas} of the ${wanted} copies that NATS_REPLICAS of ${service} requires.`;
  const remedy = `${service} raises it as soon as possible; its log has the reason of a delay: ${logs(service)}
Set NATS_REPLICAS to no more than the servers of the NATS cluster, or add servers with room.`;
  return [wrong(subject, problem, remedy)];
}

function streamTroubles(subject: string, stream: Stream, { config, cluster }: StreamInfo): Finding[] {
  const findings: Finding[] = [];
  if (!config.subjects?.includes(`${stream.package}.>`)) {
    const remedy = `Another client changed it; restart ${stream.service}, which puts it right.`;
    findings.push(wrong(subject, `It does not carry ${stream.package}.>`, remedy));
  }
  const behind = cluster?.replicas?.filter(({ current }) => !current) ?? [];
  if (behind.length > 0) {
    const names = behind.map(({ name }) => name).join(", ");
    findings.push(doubtful(subject, `Copies on ${names} are behind.`, `nats stream info ${stream.name}; are they up?`));
  }
  return findings;
}

async function checkConsumer(jsm: JetStreamManager, consumer: Consumer, { restart, logs }: Remedies) {
  const { durable, service } = consumer;
  const subject = `consumer ${durable}`;
  const infos = (await currentDurables(jsm, consumer).catch(absent)) ?? []; // Its stream may be missing, too.
  if (infos.length === 0)
    return {
      lag: 0,
      findings: [wrong(subject, "It does not exist.", `${service} makes it when it starts: ${restart(service)}`)],
    };
  // The durable of a partition has the events of all partitions before it.
  const lag = Math.ceil(infos.reduce((sum, { num_pending }) => sum + num_pending, 0) / infos.length);
  return {
    lag,
    findings: infos.flatMap((info) => consumerTroubles(`consumer ${info.name}`, consumer, info, { restart, logs })),
  };
}

function consumerTroubles(subject: string, { service, events }: Consumer, info: ConsumerInfo, remedies: Remedies) {
  const findings: Finding[] = [];
  if (info.paused)
    findings.push(wrong(subject, "It is paused.", `nats consumer resume ${info.stream_name} ${info.name}`));
  const filtered = info.config.filter_subjects ?? [info.config.filter_subject ?? ""];
  const missing = events.filter((type) => !filtered.includes(type));
  if (missing.length > 0)
    findings.push(
      wrong(
        subject,
        `It does not receive ${missing.join(", ")}.`,
        `${service} repairs it: ${remedies.restart(service)}`,
      ),
    );
  if (info.num_waiting === 0 && info.num_pending > 0)
    findings.push(
      wrong(
        subject,
        `No consumer is active; ${info.num_pending} events wait.`,
        `Does ${service} run? ${remedies.logs(service)}`,
      ),
    );
  else if (info.num_pending > LAG)
    findings.push(
      doubtful(
        subject,
        `It is ${info.num_pending} events behind.`,
        `See the log of ${service} is busy with: ${remedies.logs(service)}`,
      ),
    );
  if (info.num_redelivered > 0)
    findings.push(
      doubtful(
        subject,
        `${info.num_redelivered} events are being tried again.`,
        `See why they fail: ${remedies.logs(service)}`,
      ),
    );
  return findings;
}

const lagOf = (consumers: readonly { lag?: number }[]) => consumers.reduce((sum, { lag = 0 }) => sum + lag, 0);

function absent(error: unknown): undefined {
  if (error instanceof Error && /not found/i.test(error.message)) return undefined;
  throw error;
}
