import { type ProcessDefinition, warmUp } from "@kontor/service";
import { assemblePolicy } from "./assemble-policy.ts";
import { settings } from "./config.ts";
import { loadCompositions, loadContracts } from "./contracts.ts";
import { createDrain } from "./drain.ts";
import { createEdgeServer } from "./inbound/edge-server.ts";
import { parseUpstreams } from "./outbound/addresses.ts";
import { createUpstreams } from "./outbound/upstreams.ts";
import { clientOf } from "./policy/caller.ts";
import { createEdgeRules } from "./policy/edge-rules.ts";
import { createEndedSessions } from "./policy/ended-sessions.ts";
import { createGuard, isPublic } from "./policy/guard.ts";
import { keysFrom } from "./policy/keys.ts";
import { createSessions } from "./policy/sessions.ts";
import { problemsOf } from "./problems.ts";
import { withCompositions } from "./queries/compositions.ts";
import { createLookups } from "./queries/lookups.ts";
import { isShared } from "./shared-call.ts";

/** A running gateway. */
export interface RunningGateway {
  readonly port: number;
  stop(): Promise<void>;
}

/** The gateway as a process. */
export const gatewayProcess: ProcessDefinition<typeof settings, RunningGateway> = {
  name: "gateway",
  settings,
  async start({ config, log }) {
    const contracts = await loadContracts(config.descriptors);
    const drain = createDrain();
    const sessions = createSessions({ awaited: config.auth === "on" });
    const upstreams = createUpstreams({
      addresses: parseUpstreams(config.upstreams),
      // Upstreams verify the token themselves. Without our policy it is a header like any other.
      forwardedHeaders: config.auth === "on" ? ["authorization", ...config.forwardedHeaders] : config.forwardedHeaders,
      ownMetadata: (call) =>
        config.auth === "on" && isPublic(call.method) && !isShared(call) ? clientOf(call.request) : {},
      enterStream: (call) => sessions.enter(guard.principalOf(call.request)?.sessionId, call),
      everyMs: config.resolveEvery,
      transport: config.grpcClient,
      retries: config.rpcRetries,
      drain,
      log,
    });
    const guard = createGuard({
      off: config.auth === "off",
      issuer: config.tokenIssuer,
      audience: config.tokenAudience,
      keys: keysFrom(upstreams),
      sessions,
      onBadKey: (kid, err) => log.warn({ kid, err }, "malformed issuer key skipped"),
    });
    if (config.auth === "off") log.warn("authentication disabled; every RPC is public (GATEWAY_AUTH=off)");
    const problems = problemsOf(contracts, config.problemBase);
    const { policy, start, close } = assemblePolicy({ config, contracts, guard, sessions, problems, log });
    const lookups = createLookups(contracts, guard.check);
    const own = lookups.around(withCompositions(upstreams, await loadCompositions(config.descriptors)));
    const rules = createEdgeRules(contracts, { off: !config.validation, log });
    const parts = { guard, policy, rules, lookups, problems, upstreams: own };
    const server = await createEdgeServer({ config, log, contracts, ...parts });
    start();
    const ended = config.auth === "on" ? createEndedSessions({ upstreams, sessions, log }) : undefined;
    for (const err of await warmUp(config.warmUpMs, [guard.loadKeys, async () => ended?.load()]))
      log.warn({ err, waitedMs: config.warmUpMs }, "serving started without token keys or ended sessions");
    ended?.start();
    const port = await server.listen(config.host, config.port);
    log.info({ host: config.host, port, routes: server.routes }, "gateway listening");
    return {
      port,
      async stop() {
        drain.begin(config.graceMs * 0.6);
        await server.close(config.graceMs);
        await ended?.stop();
        await close();
        upstreams.close();
      },
    };
  },
};
