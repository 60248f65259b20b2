import type { Message } from "@bufbuild/protobuf";
import { createBreaker, type Lesson } from "@kontor/rpc";
import { counter, gauge, type Logger } from "@kontor/telemetry";
import { type Answer, RpcError, Status } from "@kontor/transcoder";
import { type Channel, type GrpcClient, type Outgoing, openChannel, type Readiness } from "./channel.ts";
import { createEjection, type Ejection } from "./ejection.ts";
import { Unreachable, UpstreamError } from "./upstream-error.ts";

/** One process that serves an upstream. */
export interface Endpoint extends Pick<Channel, "unary" | "serverStream"> {
  readonly address: string;
  /** Calls that have not ended. */
  readonly inFlight: number;
  readonly ejection: Ejection;
  /** Reading it begins to connect, if that has not begun. */
  readiness(): Readiness;
  /** Milliseconds until its breaker lets a call through; 0 when it does. */
  waitMs(): number;
  /** Makes no more calls, and lets go of the connection once the last one has ended. */
  retire(): void;
}

const shown = { CLOSED: 0, HALF_OPEN: 1, OPEN: 2 } as const;
const circuit = gauge("kontor_gateway_circuit_state", "0 closed, 1 half open, 2 open.", ["endpoint"]);
const ended = counter("kontor_gateway_endpoint_calls_total", "Calls of an endpoint that ended.", [
  "endpoint",
  "outcome",
]);

/** What an endpoint is made from. */
export interface EndpointOptions {
  readonly address: string;
  readonly client: GrpcClient;
  readonly log: Logger;
}

/** Makes an endpoint of an address. `onFailure` hears of every call that speaks against it. */
export function createEndpoint(
  { address, client, log }: EndpointOptions,
  onFailure: (endpoint: Endpoint) => void,
): Endpoint {
  const channel = openChannel(address, client);
  const ejection = createEjection();
  const breaker = createBreaker((state) => {
    circuit.set({ endpoint: address }, shown[state]);
    log.warn({ endpoint: address, circuit: state }, "endpoint circuit changed");
  });
  circuit.set({ endpoint: address }, shown.CLOSED);
  const failed = ended.labels({ endpoint: address, outcome: "failed" });
  const counts = {
    success: ended.labels({ endpoint: address, outcome: "answered" }),
    refusal: failed,
    failure: failed,
    timeout: failed,
    nothing: ended.labels({ endpoint: address, outcome: "cancelled" }),
  };
  let inFlight = 0;
  let retired = false;

  /** Begins a call. What it returns takes the lesson once, as soon as there is one. */
  function begin({ deadline }: Outgoing, onSilence?: () => void): (told: Lesson, failed: boolean) => void {
    const tooLate = Date.now() >= deadline; // Then it is not sent, and says nothing of the endpoint.
    const learn = breaker.begin(onSilence);
    let known = false;
    return (told, failed) => {
      if (known) return;
      known = true;
      const lesson = tooLate ? "nothing" : told;
      learn(lesson);
      counts[lesson].inc();
      if (lesson === "nothing") return;
      ejection.note(failed, lesson !== "success");
      if (failed) onFailure(endpoint);
    };
  }
  function end(): void {
    inFlight--;
    if (retired && inFlight === 0) close();
  }
  function close(): void {
    channel.close();
    circuit.remove({ endpoint: address });
  }

  const endpoint: Endpoint = {
    address,
    ejection,
    get inFlight() {
      return inFlight;
    },
    readiness: channel.readiness,
    waitMs: breaker.waitMs,
    async unary(call): Promise<Answer> {
      const { promise: silence, reject } = Promise.withResolvers<never>();
      const learn = begin(call, () => reject(new Unreachable(breaker.waitMs())));
      inFlight++;
      try {
        const answer = await Promise.race([channel.unary(call), silence]);
        learn("success", false);
        return answer;
      } catch (error) {
        learn(lessonOf(error, call), isFault(error));
        throw error;
      } finally {
        end();
      }
    },
    async *serverStream(call): AsyncGenerator<Message> {
      const learn = begin(call);
      inFlight++;
      try {
        for await (const message of channel.serverStream(call)) {
          learn("success", false);
          yield message;
        }
        learn("success", false);
      } catch (error) {
        learn(lessonOf(error, call), isFault(error));
        throw error;
      } finally {
        learn("nothing", false);
        end();
      }
    },
    retire() {
      retired = true;
      if (inFlight === 0) close();
    },
  };
  return endpoint;
}

/** Only what the transport says counts against the breaker, and silence until a deadline that is not the client's own. */
function lessonOf(error: unknown, { impatient }: Outgoing): Lesson {
  if (!(error instanceof RpcError)) return "nothing";
  if (error instanceof UpstreamError && error.answered) return "success";
  if (error.code === Status.DEADLINE_EXCEEDED) return impatient ? "nothing" : "timeout";
  if (error.code === Status.UNAVAILABLE && !(error instanceof UpstreamError)) return "nothing"; // The gateway is going away.
  return error.code === Status.UNAVAILABLE || error.transport ? "failure" : "nothing";
}

const faults: ReadonlySet<number> = new Set([Status.UNKNOWN, Status.INTERNAL, Status.UNAVAILABLE, 15]);

/** Whether an error speaks against the endpoint, when its peers do not make it too. */
function isFault(error: unknown): boolean {
  return error instanceof RpcError && (faults.has(error.code) || error.code === Status.DEADLINE_EXCEEDED);
}
