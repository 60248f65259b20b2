import type { DescMethod } from "@bufbuild/protobuf";
import { ignore_unknown_query } from "@kontor/contracts/options/v1/options";
import { idempotencyErrors, KEY_REUSED_STATUS } from "@kontor/idempotency";
import { declaredOption, knowsOptions, methodStatuses } from "@kontor/policy";
import { RouteError } from "@kontor/transcoder";
import { edgeErrors } from "./policy-errors.ts";

/** Reads the statuses of an RPC that has a route. @throws RouteError when one of them is out of range */
export function checkStatuses(method: DescMethod): void {
  try {
    methodStatuses(method);
  } catch (cause) {
    throw new RouteError(method, cause instanceof Error ? cause.message : String(cause));
  }
}

/** Returns the status of a successful response, where the contract declares one. */
export function successStatusOf(method: DescMethod): number | undefined {
  return methodStatuses(method).success;
}

/** Returns whether query parameters that name no field are left out, as the contract declares. */
export const ignoresUnknownQuery = once((method) => declaredOption(method, ignore_unknown_query) ?? false);

/** Statuses of reasons that any RPC may fail with. */
const common: ReadonlyMap<string, number> = new Map([
  [idempotencyErrors.IDEMPOTENCY_KEY_REUSED.reason, KEY_REUSED_STATUS],
  [edgeErrors.PRECONDITION_FAILED.reason, 412],
]);

/**
 * Returns the HTTP status of an error by its reason, by the rule of docs/guides/statuses.md: by the contract, by the table for all RPCs,
 * and 409 for a state that forbids the request. Contracts without Kontor's options have the status of google.rpc.Code.
 */
export function errorStatusOf(reason: string, code: string, method?: DescMethod): number | undefined {
  const declared = (method && methodStatuses(method).errors.get(reason)) ?? common.get(reason);
  if (declared !== undefined) return declared;
  const isState = code === "FAILED_PRECONDITION" && reason !== code;
  return isState && (method === undefined || knowsOptions(method)) ? 409 : undefined;
}

/** Reads an option once for each method: it is decoded each time it is read. */
function once<T>(read: (method: DescMethod) => T): (method: DescMethod) => T {
  const known = new WeakMap<DescMethod, { readonly value: T }>();
  return (method) => {
    let found = known.get(method);
    if (found === undefined) {
      found = { value: read(method) };
      known.set(method, found);
    }
    return found.value;
  };
}
