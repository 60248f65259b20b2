import type { Registry } from "@bufbuild/protobuf";
import type { ProblemOptions } from "@kontor/transcoder";
import { errorStatusOf } from "./policy/method-rules.ts";

/** How errors are told: each reason with its page, and with the status that its contract gives it. */
export function problemsOf(contracts: Registry, base: string): ProblemOptions {
  return {
    registry: contracts,
    typeOf: (reason) => base + reason.toLowerCase().replaceAll("_", "-"),
    statusOf: errorStatusOf,
  };
}
