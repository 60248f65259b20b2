import { type DescMethod, getOption, hasOption } from "@bufbuild/protobuf";
import { error_statuses, ignore_unknown_query, success_status } from "@kontor/contracts/options/v1/options";

/** The status of a successful answer, where the contract says so. */
export const successStatusOf = once((method) => {
  return hasOption(method, success_status) ? getOption(method, success_status) : undefined;
});

/** Whether query parameters that name no field are left out, as the contract says. */
export const ignoresUnknownQuery = once((method) => {
  return hasOption(method, ignore_unknown_query) && getOption(method, ignore_unknown_query);
});

/** The status of an error by its reason, where the contract says so. */
export function errorStatusOf(reason: string, _code: string, method?: DescMethod): number | undefined {
  if (method === undefined) return undefined;
  return getOption(method, error_statuses).find((declared) => declared.reason === reason)?.status;
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
