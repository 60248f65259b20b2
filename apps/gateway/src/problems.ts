import type { Registry } from "@bufbuild/protobuf";
import { ViolationParamsSchema } from "@kontor/contracts/errors/v1/violation_params";
import type { ProblemOptions } from "@kontor/transcoder";
import { errorStatusOf } from "./policy/method-rules.ts";
import { violationsIn } from "./violations.ts";

/** How errors are told: each reason with its page, and with the status that its contract gives it. */
export function problemsOf(contracts: Registry, base: string): ProblemOptions {
  return {
    registry: contracts,
    typeOf: (reason) => base + reason.toLowerCase().replaceAll("_", "-"),
    statusOf: errorStatusOf,
    violations: { read: violationsIn, types: [ViolationParamsSchema.typeName] },
  };
}
