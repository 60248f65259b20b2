import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "@kontor/telemetry";
import { parseAddresses } from "./endpoints/addresses.ts";
import { createPool, type Pool } from "./endpoints/pool.ts";
import { poolMetrics } from "./pool-metrics.ts";
import type { Transport } from "./transport/channel.ts";

/** A pool that the clients of a process share. */
export interface SharedPool extends Pick<Pool, "unary" | "stream"> {
  /** Closes the pool after its last user. */
  release(): void;
}

/** The callee of a pool. */
export interface Callee {
  /** The gRPC service. */
  readonly service: string;
  readonly address: string;
  readonly transport: Transport;
}

const RESOLVE_EVERY_MS = 5_000;
/** Short enough that a read which is retried until its deadline finds a callee that restarted. */
const LONGEST_OPEN_MS = 2_000;
const CONNECT_POLL_MS = 20;

const pools = new Map<string, { readonly pool: Pool; readonly address: string; users: number }>();

/** Returns the pool of a service at an address. All clients of a process share it. @throws Error when the address is none */
export function acquirePool({ service, address, transport }: Callee, log: Logger): SharedPool {
  const key = `${transport} ${service} ${address}`;
  const shared = pools.get(key) ?? { pool: open(), address, users: 0 };
  pools.set(key, shared);
  shared.users++;
  let released = false;

  function open(): Pool {
    return createPool(parseAddresses(address), {
      everyMs: RESOLVE_EVERY_MS,
      transport,
      metrics: poolMetrics("kontor_rpc_client", "target", { service }),
      trustedStatuses: "explained",
      longestOpenMs: LONGEST_OPEN_MS,
      log,
    });
  }
  const { unary, stream } = shared.pool;
  return {
    unary,
    stream,
    release() {
      if (released) return;
      released = true;
      if (--shared.users > 0) return;
      pools.delete(key);
      shared.pool.close();
    },
  };
}

/**
 * Connects to all callees that this process has clients of. @throws Error when that takes longer
 *
 * ```ts
 * await connectTargets(5_000).catch((error: unknown) => console.error("callees unreachable", error));
 * ```
 */
export async function connectTargets(withinMs: number): Promise<void> {
  await Promise.all(
    [...new Set([...pools.values()].map(({ address }) => address))].map((address) => connectTarget(address, withinMs)),
  );
}

/** Connects to the callees at an address, if this process has clients of them. @throws Error when that takes longer */
export async function connectTarget(address: string, withinMs: number): Promise<void> {
  const at = performance.now();
  const isReady = () =>
    [...pools.values()].every(({ pool, address: each }) => each !== address || pool.readiness() === "ready");
  while (!isReady()) {
    if (performance.now() - at >= withinMs) throw new Error(`No connection to ${address} within ${withinMs} ms.`);
    await pause(CONNECT_POLL_MS);
  }
}
