import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { methodPolicy } from "@kontor/policy";
import type { Logger } from "@kontor/telemetry";
import { type FormerNameOf, formerService } from "../former-service.ts";
import { accessLog } from "./access-log.ts";
import { admission } from "./admission.ts";
import { answer } from "./answer.ts";
import { deadline } from "./deadline.ts";
import { errors } from "./errors.ts";
import type { Implementation } from "./implement.ts";
import type { IncomingCall } from "./incoming-call.ts";
import { compose, type Interceptor } from "./interceptor.ts";
import { DEFAULT_LIMITS, type ServerLimits } from "./limits.ts";
import { metrics } from "./metrics.ts";
import { policy, type ServerPolicy } from "./policy.ts";
import type { RunningCalls } from "./running-calls.ts";
import type { ServedMethod } from "./served-method.ts";
import { ServerCall } from "./server-call.ts";
import { trace } from "./trace.ts";
import { validation } from "./validation.ts";

/** The services of one owner, and how their callers are verified. */
export interface ServeOptions {
  /** The services, made by {@link implement}. */
  readonly services: readonly Implementation[];
  /** How callers are verified. */
  readonly policy: ServerPolicy;
  /** Receives a line per call at the level `debug`, and defects at `error`. */
  readonly log: Logger;
  /** How much the owner takes on. Default: {@link ServerLimits}. */
  readonly limits?: Partial<ServerLimits>;
  /** The names that services had before, under which they are served, too. Default: all have the same. */
  readonly formerNameOf?: FormerNameOf | undefined;
}

/** One RPC with the layers around its handler, whichever transport received the call. */
export interface ServedRpc {
  readonly desc: DescMethod;
  /** Runs a call, and ends it. */
  handle(incoming: IncomingCall, running: RunningCalls): void;
}

/** Services that listeners serve, over the network and within the process. */
export interface Served {
  readonly services: readonly DescService[];
  /** The services under their former names. */
  readonly former: readonly DescService[];
  readonly limits: ServerLimits;
  readonly rpcs: readonly ServedRpc[];
}

/**
 * Puts the layers around the handlers of services. From the outside in: trace and log context → access log → metrics → admission →
 * deadline → errors → policy → validation.
 *
 * @throws PolicyError if an RPC declares no policy, or a contradictory one
 * @throws RuleError if a contract has rules that cannot be applied
 */
export function serve({ services, log, ...options }: ServeOptions): Served {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const contracts = services.map(({ service }) => service);
  const layers = [
    trace,
    accessLog(log),
    metrics,
    admission({ calls: limits.maxInFlight, streams: limits.maxStreams }),
    deadline,
    errors(log),
    policy(options.policy),
    validation(contracts, log),
  ];
  const layersOf = ({ service }: Implementation) => (isStandard(service) ? [deadline, errors(log)] : layers);
  const former = services.flatMap(({ service, handlerOf }) => {
    const renamed = formerService(service, options.formerNameOf);
    return renamed ? [{ service: renamed, handlerOf }] : [];
  });
  return {
    services: contracts,
    former: former.map(({ service }) => service),
    limits,
    rpcs: [...services, ...former].flatMap((each) => rpcsOf(each, layersOf(each))),
  };
}

/** Returns the RPCs of a service within layers. */
export function rpcsOf({ service, handlerOf }: Implementation, layers: readonly Interceptor[]): ServedRpc[] {
  return service.methods.map((desc) => {
    const method = servedMethod(desc, handlerOf(desc));
    const run = compose(layers, method, answer(method));
    return {
      desc,
      handle(incoming, running) {
        const call = new ServerCall(method, incoming);
        running.begin(call);
        void run(call).then(() => {
          call.finished = true;
          call.sendHeaders();
          incoming.end(call.error, call.response);
          running.end(call);
        });
      },
    };
  });
}

function servedMethod(desc: DescMethod, handler: ServedMethod["handler"]): ServedMethod {
  const fullName = `${desc.parent.typeName}/${desc.name}`;
  if (desc.methodKind !== "unary" && desc.methodKind !== "server_streaming")
    throw new TypeError(`${fullName} streams requests, which this server does not do.`);
  const policy = isStandard(desc.parent) ? undefined : methodPolicy(desc);
  const timeoutMs = policy?.timeoutMs ?? Number.POSITIVE_INFINITY;
  const streams = desc.methodKind === "server_streaming";
  return { desc, handler, fullName, streams, timeoutMs, ...(policy && { policy }) };
}

/** Returns whether a service is one of gRPC itself. Those have no policy and are open to all. */
function isStandard({ typeName }: DescService): boolean {
  return typeName.startsWith("grpc.");
}
