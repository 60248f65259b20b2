import type { DescMethod } from "@bufbuild/protobuf";
import { error_statuses, success_status } from "@kontor/contracts/options/v1/options";
import { declaredOption } from "./declared-option.ts";
import { PolicyError } from "./method-policy.ts";

/** The HTTP statuses that a contract declares for an RPC. */
export interface MethodStatuses {
  /** The status of a successful response, 200 to 299; undefined without one. */
  readonly success: number | undefined;
  /** The statuses of errors by their reason, each 400 to 499. */
  readonly errors: ReadonlyMap<string, number>;
}

const known = new WeakMap<DescMethod, MethodStatuses>();

/**
 * Reads the HTTP statuses of an RPC from its options. The result is cached per method.
 *
 * @throws PolicyError naming the RPC and the status that is out of range, or a reason that is empty or declared twice
 */
export function methodStatuses(method: DescMethod): MethodStatuses {
  const statuses = known.get(method) ?? read(method);
  known.set(method, statuses);
  return statuses;
}

function read(method: DescMethod): MethodStatuses {
  const refuse = (problem: string): never => {
    throw new PolicyError(`${method.parent.typeName}/${method.name}: ${problem}`);
  };
  const success = declaredOption(method, success_status);
  if (success !== undefined && (success < 200 || success > 299)) refuse(`success_status ${success} is not 200 to 299.`);
  const errors = new Map<string, number>();
  for (const { reason, status } of declaredOption(method, error_statuses) ?? []) {
    if (reason === "") refuse("error_statuses has an entry without a reason.");
    if (errors.has(reason)) refuse(`error_statuses names ${reason} twice.`);
    if (status < 400 || status > 499) refuse(`error_statuses gives ${reason} the status ${status}, not 400 to 499.`);
    errors.set(reason, status);
  }
  return { success, errors };
}
