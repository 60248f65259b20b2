import { type DescFile, type DescMethod, type DescService, hasOption, type Registry } from "@bufbuild/protobuf";
import { http } from "@kontor/contracts/google/api/annotations";
import { methodPolicy, PolicyError } from "./method-policy.ts";
import { methodStatuses } from "./method-statuses.ts";

/**
 * Lists what is wrong with the policies of every RPC, one sentence each; empty means sound. Services outside `kontor.`,
 * such as health and reflection, declare none and are passed over.
 */
export function checkPolicies(descriptors: Registry | Iterable<DescFile | DescService>): string[] {
  return [...services(descriptors)]
    .filter(({ typeName }) => typeName.startsWith("kontor."))
    .flatMap(({ methods }) => methods.flatMap(problems));
}

function problems(method: DescMethod): string[] {
  const name = `${method.parent.typeName}/${method.name}`;
  try {
    const { auth } = methodPolicy(method);
    methodStatuses(method);
    const found: string[] = [];
    if (auth.kind === "internal" && hasOption(method, http)) found.push(`${name}: an internal RPC has an http rule.`);
    if (auth.owner && method.methodKind.match(/client|bidi/))
      found.push(`${name}: a stream of requests has no one owner.`);
    return found;
  } catch (error) {
    if (error instanceof PolicyError) return [error.message];
    throw error;
  }
}

function* services(descriptors: Registry | Iterable<DescFile | DescService>): Iterable<DescService> {
  for (const descriptor of descriptors) {
    if (descriptor.kind === "service") yield descriptor;
    if (descriptor.kind === "file") yield* descriptor.services;
  }
}
