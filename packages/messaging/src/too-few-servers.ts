import { JetStreamApiError } from "@nats-io/jetstream";

// "replicas > 1 not supported in non-clustered mode", and "no suitable peers for placement". The library names neither.
const CODES: ReadonlySet<number> = new Set([10_074, 10_005]);

/** NATS has fewer servers, or fewer with room, than a stream is to have copies. */
export class TooFewServersError extends Error {
  override readonly name = "TooFewServersError";
}

/** Runs a request that creates or changes a stream with that many replicas. @throws TooFewServersError in place of the error of NATS */
export async function withCopies<T>(stream: string, replicas: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof JetStreamApiError && CODES.has(error.code))) throw error;
    throw new TooFewServersError(
      `NATS cannot store ${replicas} copies of the stream ${stream}: ${error.message}. Set NATS_REPLICAS to no more than the servers of its cluster, or add servers with room.`,
      { cause: error },
    );
  }
}
