import { type DescMethod, getOption, hasOption } from "@bufbuild/protobuf";
import { error_statuses, ignore_unknown_query, success_status } from "@kontor/contracts/options/v1/options";
import { idempotencyErrors, KEY_REUSED_STATUS } from "@kontor/idempotency";

const KEY_REUSED = idempotencyErrors.IDEMPOTENCY_KEY_REUSED.reason;

/** The status of a successful answer, where the contract says so. */
export const successStatusOf = once((method) => {
  return hasOption(method, success_status) ? getOption(method, success_status) : undefined;
});

/** Whether query parameters that name no field are left out, as the contract says. */
export const ignoresUnknownQuery = once((method) => {
  return hasOption(method, ignore_unknown_query) && getOption(method, ignore_unknown_query);
});

/** Returns the HTTP status of an error by its reason: as the contract declares it, or 422 for a reused idempotency key. */
export function errorStatusOf(reason: string, _code: string, method?: DescMethod): number | undefined {
  const declared = method && getOption(method, error_statuses).find((status) => status.reason === reason)?.status;
  return declared ?? (reason === KEY_REUSED ? KEY_REUSED_STATUS : undefined);
}

/** Asks once for each method: an option is decoded each time it is read. */
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
