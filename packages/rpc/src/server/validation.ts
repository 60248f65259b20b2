import { type DescService, getOption, hasOption } from "@bufbuild/protobuf";
import { validated_by_service } from "@kontor/contracts/rules/v1/rules";
import type { Logger } from "@kontor/telemetry";
import { createRequestRules } from "@kontor/validation";
import type { Interceptor } from "./interceptor.ts";

/**
 * Layer 8: refuses a request that violates the rules of its contract. Where the contract leaves that to the service, the handler calls
 * `validate` of its context.
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
    const isByService = hasOption(desc, validated_by_service) && getOption(desc, validated_by_service);
    return async (call) => {
      call.rules = check;
      if (!isByService) call.validate();
      await next(call);
    };
  };
}
