import {
  create,
  createFileRegistry,
  type DescFile,
  type DescMethod,
  type DescService,
  type Registry,
  setExtension,
  toBinary,
} from "@bufbuild/protobuf";
import {
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  MethodOptions_IdempotencyLevel as IdempotencyLevel,
  FieldDescriptorProto_Label as Label,
  MethodOptionsSchema,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";
import { file_google_api_annotations, http } from "@kontor/contracts/google/api/annotations";
import { HttpRuleSchema } from "@kontor/contracts/google/api/http";
import {
  AuthSchema,
  auth,
  FallbackSchema,
  fallback,
  file_kontor_options_v1_options,
  IdempotencySchema,
  idempotency,
  RetrySchema,
  retry,
} from "@kontor/contracts/options/v1/options";

/** A contract made for a test. `GET /v1/<rpc in lower case>/{name}` and, with a body, POST lead to each RPC. */
export interface TestContract {
  readonly registry: Registry;
  readonly descriptors: Uint8Array;
  readonly service: DescService;
  method(name: string): DescMethod;
}

/** The declaration of an RPC of the test contract. */
export interface TestRpc {
  readonly safe?: boolean;
  readonly attempts?: number;
  readonly fallback?: string;
  /** Whether `name` is an idempotency key. */
  readonly keyed?: boolean;
  /** Whose token it takes; without any, `auth` is not declared. */
  readonly scopes?: readonly string[];
  readonly clientStreaming?: boolean;
  readonly serverStreaming?: boolean;
}

/** Makes `test.v1.ThingService` with these RPCs from Thing to Thing, which has the fields `name` and `served_by`. */
export function testContract(rpcs: Readonly<Record<string, TestRpc>>): TestContract {
  const field = (name: string, number: number, jsonName: string) => ({
    ...{ name, number, jsonName },
    type: Type.STRING,
    label: Label.OPTIONAL,
  });
  const file = create(FileDescriptorProtoSchema, {
    name: "test/v1/thing.proto",
    package: "test.v1",
    syntax: "proto3",
    dependency: ["google/api/annotations.proto", "kontor/options/v1/options.proto"],
    messageType: [{ name: "Thing", field: [field("name", 1, "name"), field("served_by", 2, "servedBy")] }],
    service: [
      {
        name: "ThingService",
        method: Object.entries(rpcs).map(([name, rpc]) => ({
          ...{ name, inputType: ".test.v1.Thing", outputType: ".test.v1.Thing" },
          ...{ clientStreaming: rpc.clientStreaming ?? false, serverStreaming: rpc.serverStreaming ?? false },
          options: optionsOf(name, rpc),
        })),
      },
    ],
  });
  const imports = new Map<string, DescFile>();
  for (const imported of [file_google_api_annotations, file_kontor_options_v1_options]) collect(imported, imports);
  const set = create(FileDescriptorSetSchema, { file: [...[...imports.values()].map(({ proto }) => proto), file] });
  const registry = createFileRegistry(set);
  const service = registry.getService("test.v1.ThingService");
  if (service === undefined) throw new TypeError("the contract has no service");
  return {
    registry,
    descriptors: toBinary(FileDescriptorSetSchema, set),
    service,
    method(name) {
      const method = service.methods.find((each) => each.name === name);
      if (method === undefined) throw new TypeError(`there is no RPC ${name}`);
      return method;
    },
  };
}

function optionsOf(name: string, rpc: TestRpc) {
  const options = create(MethodOptionsSchema, {
    idempotencyLevel: rpc.safe ? IdempotencyLevel.NO_SIDE_EFFECTS : IdempotencyLevel.IDEMPOTENCY_UNKNOWN,
  });
  const value = `/v1/${name.toLowerCase()}/{name}`;
  const rule = rpc.safe
    ? { pattern: { case: "get", value } as const }
    : { pattern: { case: "post", value } as const, body: "*" };
  setExtension(options, http, create(HttpRuleSchema, rule));
  if (rpc.scopes !== undefined) setExtension(options, auth, create(AuthSchema, { scopes: [...rpc.scopes] }));
  if (rpc.attempts !== undefined) setExtension(options, retry, create(RetrySchema, { attempts: rpc.attempts }));
  if (rpc.fallback !== undefined) setExtension(options, fallback, create(FallbackSchema, { json: rpc.fallback }));
  if (rpc.keyed) setExtension(options, idempotency, create(IdempotencySchema, { required: true, field: "name" }));
  return options;
}

function collect(file: DescFile, into: Map<string, DescFile>): void {
  if (into.has(file.name)) return;
  for (const imported of file.dependencies) collect(imported, into);
  into.set(file.name, file);
}
