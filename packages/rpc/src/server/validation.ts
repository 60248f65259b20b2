import type { DescService } from "@bufbuild/protobuf";
import type { Logger } from "@kontor/telemetry";
import { createRequestRules } from "@kontor/validation";
import type { Interceptor } from "./interceptor.ts";

/**
 * Layer 8: refuses a request that violates the rules of its contract.
 *
 * @throws RuleError when the layer is made for an RPC whose rules cannot be applied
 */
export function validation(services: readonly DescService[], log: Logger): Interceptor {
  const rules = createRequestRules({
    contracts: services,
    onDefect: (err, type) => log.error({ err, type }, "rule of contract failed"),
  });
  return (next, { desc }) => {
    const check = rules.of(desc);
    if (check === undefined) return next;
    return async (call) => {
      check(call.message);
      await next(call);
    };
  };
}
