import {
  type DescFile,
  type DescMethod,
  type DescService,
  getOption,
  hasOption,
  type Registry,
} from "@bufbuild/protobuf";
import { http } from "@kontor/contracts/google/api/annotations";
import { location } from "@kontor/contracts/options/v1/options";
import { methodPolicy, PolicyError } from "./method-policy.ts";
import { methodResource } from "./method-resource.ts";
import { methodStatuses } from "./method-statuses.ts";

/** Services of gRPC itself, which declare no policies. */
const STANDARD = /^grpc\.(health|reflection)\./;

/** Lists the faults of the policies of every RPC, one sentence each; empty means valid. Skips health and reflection. */
export function checkPolicies(descriptors: Registry | Iterable<DescFile | DescService>): string[] {
  const methods = [...services(descriptors)]
    .filter(({ typeName }) => !STANDARD.test(typeName))
    .flatMap((service) => service.methods);
  const readablePaths = new Set(methods.flatMap(pathsRead));
  return methods.flatMap((method) => problems(method, readablePaths));
}

/** Returns the GET paths of an RPC, with their variables as `*`. */
function pathsRead(method: DescMethod): string[] {
  if (!hasOption(method, http)) return [];
  const rule = getOption(method, http);
  return [rule, ...rule.additionalBindings].flatMap(({ pattern }) =>
    pattern.case === "get" ? [shapeOf(pattern.value)] : [],
  );
}

function shapeOf(path: string): string {
  return path.replaceAll(/\{[^}]*\}/g, "*");
}

function problems(method: DescMethod, readablePaths: ReadonlySet<string>): string[] {
  const name = `${method.parent.typeName}/${method.name}`;
  try {
    const found: string[] = [];
    const { auth } = methodPolicy(method);
    methodStatuses(method);
    methodResource(method);
    const path = getOption(method, location);
    if (path !== "" && !readablePaths.has(shapeOf(path))) found.push(`${name}: no GET serves the location ${path}.`);
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
