import { type DescMethod, hasOption, type Registry } from "@bufbuild/protobuf";
import { lookup } from "@kontor/contracts/options/v1/options";
import { isKontorError } from "@kontor/errors";
import type { Logger } from "@kontor/telemetry";
import { type Call, type Gates, RouteError } from "@kontor/transcoder";
import { createRequestRules, type RequestCheck } from "@kontor/validation";
import { decide } from "../decisions.ts";

/** The rules of contracts, applied before an upstream is called. */
export interface EdgeRules {
  /** Compiles the rules of an RPC that has a route. @throws RouteError when they cannot be applied */
  compile(method: DescMethod): void;
  /** Returns the checks after which a request needs no validation; undefined where each request needs it. */
  gates(method: DescMethod): Gates | undefined;
  /** Validates each message of a request, unless it passed the gates. @throws KontorError INVALID_REQUEST, as the service of the RPC would */
  check(call: Call): void;
}

const noRules: Gates = () => undefined;

/** Creates the rules of the contracts that are served. Those that are off let all requests pass, for services to refuse. */
export function createEdgeRules(contracts: Registry, { off, log }: { off: boolean; log: Logger }): EdgeRules {
  if (off) return { compile: () => {}, gates: () => noRules, check: () => {} };
  const rules = createRequestRules({
    contracts,
    onDefect: (err, type) => log.error({ err, type }, "rule of contract failed"),
  });
  const checks = new Map<DescMethod, RequestCheck | undefined>();
  const gates = new Map<DescMethod, Gates | undefined>();
  // A client sends another name than the value that the rules are for. The service validates the value that the edge finds.
  const lookedUp = ({ input }: DescMethod, name: string) =>
    input.fields.some((field) => field.jsonName === name && hasOption(field, lookup));
  return {
    compile(method) {
      try {
        checks.set(method, rules.of(method));
        gates.set(method, rules.gates(method));
      } catch (cause) {
        throw new RouteError(method, cause instanceof Error ? cause.message : String(cause));
      }
    },
    gates: (method) => gates.get(method),
    check(call) {
      const { method, request, encoded } = call;
      if (encoded !== undefined) return;
      try {
        checks.get(method)?.(call.message);
      } catch (error) {
        if (isKontorError(error) && error.violations.every(({ field }) => lookedUp(method, field))) return;
        decide(request, "valid", false);
        throw error;
      }
    },
  };
}
