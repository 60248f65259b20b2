import { status as Status } from "@grpc/grpc-js";
import type { Logger } from "@kontor/telemetry";
import { createBreaker, type Lesson } from "../../breaker/breaker.ts";
import { CallFailure } from "../call-failure.ts";
import type { EndpointMetrics, EndpointOutcome } from "../pool-metrics.ts";
import { type Channel, openChannel, type Readiness, type Transport } from "../transport/channel.ts";
import { byEitherName } from "../transport/either-name.ts";
import type { OutgoingCall } from "../transport/outgoing-call.ts";
import { createEjection, type Ejection } from "./ejection.ts";
import { isFault, lessonOf, type TrustedStatuses } from "./lesson.ts";

/** One process that serves a callee. */
export interface Endpoint extends Pick<Channel, "unary" | "stream"> {
  readonly address: string;
  /** The number of calls that have not ended. */
  readonly inFlight: number;
  readonly ejection: Ejection;
  /** Reading it starts to connect, if that has not started. */
  readiness(): Readiness;
  /** Milliseconds until its breaker allows a call; 0 if it allows one now. */
  waitMs(): number;
  /** Makes no more calls, and closes the connection once the last one has ended. */
  retire(): void;
}

/** How an endpoint is made. */
export interface EndpointOptions {
  readonly address: string;
  readonly transport: Transport;
  readonly metrics: EndpointMetrics;
  readonly log: Logger;
  readonly trustedStatuses: TrustedStatuses;
  readonly longestOpenMs: number;
}

const OUTCOMES = {
  success: "answered",
  refusal: "failed",
  failure: "failed",
  timeout: "failed",
  nothing: "cancelled",
} as const satisfies Record<Lesson, EndpointOutcome>;

/** Creates the endpoint of an address. `onFailure` receives it after each call that counts against it. */
export function createEndpoint(options: EndpointOptions, onFailure: (endpoint: Endpoint) => void): Endpoint {
  const { address, transport, metrics, log, trustedStatuses, longestOpenMs } = options;
  const channel = byEitherName(openChannel(address, transport));
  const ejection = createEjection();
  const breaker = createBreaker(
    (state) => {
      metrics.circuit(state);
      log.warn({ endpoint: address, circuit: state }, "endpoint circuit changed");
    },
    { longestOpenMs },
  );
  metrics.circuit("CLOSED");
  let inFlight = 0;
  let retired = false;

  /** Begins a call. Call the returned function once, with the call's lesson. */
  function begin({ deadline }: OutgoingCall, onSilence?: () => void): (lesson: Lesson, failed: boolean) => void {
    const tooLate = Date.now() >= deadline; // Then it is not sent, and shows nothing of the endpoint.
    const learn = breaker.begin(onSilence);
    let known = false;
    inFlight++;
    return (shown, failed) => {
      if (known) return;
      known = true;
      const lesson = tooLate ? "nothing" : shown;
      learn(lesson);
      metrics.ended(OUTCOMES[lesson]);
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
    metrics.remove();
  }
  function silent(): CallFailure {
    const what = `${address} responded to no call until the deadline of one.`;
    return new CallFailure(Status.UNAVAILABLE, what, { local: "unresponsive", pushBackMs: breaker.waitMs() });
  }

  const endpoint: Endpoint = {
    address,
    ejection,
    get inFlight() {
      return inFlight;
    },
    readiness: channel.readiness,
    waitMs: breaker.waitMs,
    async unary(call) {
      const { promise: silence, reject } = Promise.withResolvers<never>();
      const learn = begin(call, () => reject(silent()));
      try {
        const result = await Promise.race([channel.unary(call), silence]);
        learn("success", false);
        return result;
      } catch (error) {
        learn(lessonOf(error, call, trustedStatuses), isFault(error));
        throw error;
      } finally {
        end();
      }
    },
    async *stream(call) {
      const learn = begin(call);
      try {
        for await (const message of channel.stream(call)) {
          learn("success", false);
          yield message;
        }
        learn("success", false);
      } catch (error) {
        learn(lessonOf(error, call, trustedStatuses), isFault(error));
        throw error;
      } finally {
        learn("nothing", false);
        end();
      }
    },
    retire() {
      if (retired) return;
      retired = true;
      if (inFlight === 0) close();
    },
  };
  return endpoint;
}
