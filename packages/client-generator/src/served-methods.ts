import { type DescMethod, hasOption, type Registry } from "@bufbuild/protobuf";
import { http } from "@kontor/contracts/google/api/annotations";
import { methodPolicy } from "@kontor/policy";

/** Returns the RPCs of a registry that the edge serves as REST. Those for services only are not among them. */
export function servedMethods(registry: Registry, policy: boolean): ReadonlySet<DescMethod> {
  const served = new Set<DescMethod>();
  for (const desc of registry) {
    if (desc.kind !== "service") continue;
    for (const method of desc.methods)
      if (hasOption(method, http) && (!policy || methodPolicy(method).auth.kind !== "internal")) served.add(method);
  }
  return served;
}
