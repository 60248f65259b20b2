import { createFileRegistry, type DescMethod, fromBinary, type Registry } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { defaultJsonLimits, JsonForm, JsonReader } from "@kontor/proto-json";
import type { Limits, TranscoderOptions } from "./options.ts";
import { withDetailTypes } from "./problems/detail-types.ts";
import type { ProblemOptions } from "./problems/problem.ts";
import { defaultDeadlineLimits } from "./request/deadline.ts";
import { buildRoutes } from "./routing/build-routes.ts";
import type { Route } from "./routing/route.ts";
import type { RouteTable } from "./routing/route-table.ts";

/** Everything that is decided once, when the plugin is registered. */
export interface Transcoder {
  readonly options: TranscoderOptions;
  readonly registry: Registry;
  readonly routes: readonly Route[];
  readonly table: RouteTable;
  /** Returns the bidirectional routes as WebSockets reach them: by GET, with any method in their contract. */
  readonly sockets: RouteTable;
  /** The `Accept-Patch` of each route whose path a PATCH has too. */
  readonly patchTypes: ReadonlyMap<Route, string>;
  readonly reader: JsonReader;
  readonly limits: Limits;
  readonly problems: ProblemOptions;
}

/** Reads the contracts and builds the routes. @throws RouteError when a contract cannot be served */
export function createTranscoder(options: TranscoderOptions): Transcoder {
  const registry = registryOf(options.descriptors);
  const form = new JsonForm(options.json);
  const exposes = (method: DescMethod) => options.exposes?.(method) ?? true;
  return {
    options,
    registry,
    ...buildRoutes(servicesOf(registry), exposes, form),
    reader: new JsonReader(registry, form),
    limits: {
      bodyBytes: 4 * 1024 * 1024,
      urlLength: 8_192,
      json: defaultJsonLimits,
      deadline: defaultDeadlineLimits,
      heartbeatMs: 10_000,
      ...options.limits,
    },
    problems: { ...options.problems, registry: withDetailTypes(registry) },
  };
}

function registryOf(descriptors: Uint8Array | Registry): Registry {
  if (!(descriptors instanceof Uint8Array)) return descriptors;
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptors));
}

function* servicesOf(registry: Registry) {
  for (const type of registry) if (type.kind === "service") yield type;
}
