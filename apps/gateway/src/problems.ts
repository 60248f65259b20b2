import type { Registry } from "@bufbuild/protobuf";
import { ViolationParamsSchema } from "@kontor/contracts/errors/v1/violation_params";
import type { ProblemOptions } from "@kontor/transcoder";
import { bySlug, isServedHere, slugOf } from "./inbound/problem-pages/catalogue.ts";
import { errorStatusOf } from "./policy/method-rules.ts";
import { violationsIn } from "./violations.ts";

/**
 * Returns how errors become problems: each reason with its page, and with the status that its contract gives it. A reason of foreign
 * contracts has a page only where `base` is a URL; the gateway itself serves pages of the catalogues.
 */
export function problemsOf(contracts: Registry, base: string): ProblemOptions {
  return {
    registry: contracts,
    typeOf: (reason) => (bySlug.has(slugOf(reason)) || !isServedHere(base) ? base + slugOf(reason) : "about:blank"),
    statusOf: errorStatusOf,
    violations: { read: violationsIn, types: [ViolationParamsSchema.typeName] },
  };
}
