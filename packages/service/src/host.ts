import { createProcessIdentities } from "@kontor/policy";
import { connectTargets, createNetworkListener, type ServerTransport, serveInProcess } from "@kontor/rpc";
import type { Logger } from "@kontor/telemetry";
import { createClosers } from "./closers.ts";
import { type Member, type OpenMember, openMember } from "./member.ts";
import type { Stoppable } from "./start-process.ts";
import { warmUp } from "./warm-up.ts";

/** The services of one process, and its address. */
export interface HostOptions {
  readonly members: readonly Member[];
  /** Starts the clients of the services, such as a gateway, once they serve. Default: none. */
  readonly edges?: readonly (() => Promise<Stoppable>)[];
  readonly grpcHost: string;
  readonly grpcPort: number;
  readonly rpcServer: ServerTransport;
  readonly graceMs: number;
  readonly warmUpMs: number;
  readonly log: Logger;
}

/** The services of a process, started. */
export interface RunningHost extends Stoppable {
  /** Port of gRPC; undefined in a process without services. */
  readonly grpcPort: number | undefined;
}

/**
 * Starts services in one process, in stages over all of them: connections, serving each other, work, the network, the edges. Stops in
 * reverse. A stage begins when the one before has ended for all, so that the last work of a service can still call its callees. If a start
 * fails, everything is stopped, and can be started again.
 */
export async function startHost(options: HostOptions): Promise<RunningHost> {
  const { members, edges = [], graceMs, log } = options;
  const share = graceMs / (1 + (edges.length > 0 ? 1 : 0)); // Edges stop before the services do.
  const isShared = members.length + edges.length > 1;
  const closers = createClosers(log);
  const stage = (name: string, of: readonly OpenMember[], close: (member: OpenMember) => Promise<void>) =>
    closers.add(name, () => all(of.map(close)));
  try {
    const identities = isShared ? createProcessIdentities() : undefined;
    const opening = members.map((member) => openMember(member, identities));
    closers.add("connections", async () => {
      for (const opened of await Promise.allSettled(opening))
        if (opened.status === "fulfilled") await opened.value.close();
    });
    const opened = await Promise.all(opening);
    stage("relays", opened, (member) => member.stopRelay());
    if (isShared) {
      const listeners = opened.map(({ name, served }) => serveInProcess(name, served));
      closers.add("calls within the process", () => all(listeners.map((each) => each.drain(share * 0.2))));
    }
    stage("work", opened, (member) => member.stopWork());
    await Promise.all(opened.map((member) => member.startWork()));
    const grpcPort = opened.length === 0 ? undefined : await listen(opened, options, share, closers.add);
    for (const start of edges) {
      const edge = await start();
      closers.add("edge", () => edge.stop());
    }
    return { grpcPort, stop: closers.closeAll };
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

async function listen(
  opened: readonly OpenMember[],
  { grpcHost, grpcPort, rpcServer, warmUpMs, log }: HostOptions,
  share: number,
  onStop: (name: string, close: () => unknown) => void,
): Promise<number> {
  const listener = createNetworkListener({ served: opened.map(({ served }) => served), log, transport: rpcServer });
  const bound = await listener.listen(grpcHost, grpcPort);
  // The greater part of the grace belongs to the calls, the rest to the later stages.
  onStop("gRPC server", () => listener.drain(share * 0.6));
  const failures = await warmUp(warmUpMs, [connectTargets, ...opened.flatMap(({ warmUps }) => warmUps)]);
  for (const err of failures) log.warn({ err, waitedMs: warmUpMs }, "serving started without all callees and keys");
  listener.setServing(true);
  return bound;
}

async function all(works: readonly Promise<void>[]): Promise<void> {
  await Promise.all(works);
}
