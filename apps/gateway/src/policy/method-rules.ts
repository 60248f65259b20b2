import type { DescMethod } from "@bufbuild/protobuf";
import { ignore_unknown_query } from "@kontor/contracts/options/v1/options";
import { idempotencyErrors, KEY_REUSED_STATUS } from "@kontor/idempotency";
import { declaredOption, methodStatuses } from "@kontor/policy";
import { RouteError } from "@kontor/transcoder";

const KEY_REUSED = idempotencyErrors.IDEMPOTENCY_KEY_REUSED.reason;

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

/** Returns the HTTP status of an error by its reason: as the contract declares it, or 422 for a reused idempotency key. */
export function errorStatusOf(reason: string, _code: string, method?: DescMethod): number | undefined {
  const declared = method && methodStatuses(method).errors.get(reason);
  return declared ?? (reason === KEY_REUSED ? KEY_REUSED_STATUS : undefined);
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
