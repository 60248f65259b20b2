import { type DescMethod, type DescService, getOption, hasOption } from "@bufbuild/protobuf";
import { validated_by_service } from "@kontor/contracts/rules/v1/rules";
import { methodPolicy } from "@kontor/policy";
import type { Logger } from "@kontor/telemetry";
import { createRequestRules } from "@kontor/validation";
import { callMetrics } from "../call-metrics.ts";
import { type FormerNameOf, formerService } from "../former-service.ts";
import { admission } from "./admission.ts";
import { answer } from "./answer.ts";
import { deadline } from "./deadline.ts";
import { errors } from "./errors.ts";
import type { Implementation } from "./implement.ts";
import type { IncomingCall } from "./incoming-call.ts";
import { compose, type Interceptor } from "./interceptor.ts";
import { DEFAULT_LIMITS, type ServerLimits } from "./limits.ts";
import { policy, type ServerPolicy } from "./policy.ts";
import type { RunningCalls } from "./running-calls.ts";
import type { ServedMethod } from "./served-method.ts";
import { ServerCall } from "./server-call.ts";
import { trace } from "./trace.ts";

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

/** Layer 2: at level `debug` one line for every call, with the trace it belongs to. Above, the layer is not there at all. */
function accessLog(log: Logger): Interceptor {
  return (next, { fullName }) => {
    if (!log.isLevelEnabled("debug")) return next;
    return async (call) => {
      await next(call);
      const durationMs = Math.round((performance.now() - call.startedAt) * 10) / 10;
      const { requestId, caller, principal, error } = call;
      const code = error?.code ?? "OK";
      log.debug({ rpc: fullName, code, durationMs, requestId, caller, subject: principal?.subject }, "response sent");
    };
  };
}

/** Layer 3: counts and times every call, also those the layers below turn away. */
const metrics: Interceptor = (next, { desc }) => {
  const observe = callMetrics("server", desc);
  return async (call) => {
    await next(call);
    observe(call.error?.code ?? "OK", call.startedAt);
  };
};

/**
 * Layer 8: refuses a request that violates the rules of its contract. Where the contract leaves that to the service, the handler calls
 * `validate` of its context.
 *
 * @throws RuleError when the layer is made for an RPC whose rules cannot be applied
 */
function validation(services: readonly DescService[], log: Logger): Interceptor {
  const rules = createRequestRules({
    contracts: services,
    onDefect: (err, type) => log.error({ err, type }, "rule of contract failed"),
  });
  return (next, { desc }) => {
    const check = rules.of(desc);
    if (check === undefined) return next;
    const isByService = hasOption(desc, validated_by_service) && getOption(desc, validated_by_service);
    return async (call) => {
      call.rules = check;
      if (!isByService) call.validate();
      await next(call);
    };
  };
}
