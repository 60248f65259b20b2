import { createFileRegistry, type DescService, fromBinary, fromJson, type JsonValue } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { isKontorError } from "@kontor/errors";
import { wireFromJson } from "@kontor/proto-json";
import { buildContract } from "@kontor/testing";
import { createRequestRules } from "../src/index.ts";

const IMPORTS = [
  "buf/validate/validate",
  "google/api/field_behavior",
  "kontor/options/v1/options",
  "kontor/money/v1/money",
  "kontor/rules/v1/rules",
]
  .concat(
    "google/protobuf/duration",
    "google/protobuf/field_mask",
    "google/protobuf/timestamp",
    "google/protobuf/wrappers",
  )
  .map((name) => importOf(`${name}.proto`));

function importOf(path: string): string {
  return `import "${path}";`;
}

/** Builds a contract of one service, `acme.things.v1.ThingService`, whose only RPC takes the message `Request`. */
export async function thingService(
  definitions: string,
  others: Readonly<Record<string, string>> = {},
): Promise<DescService> {
  const source = `syntax = "proto3";
    package acme.things.v1;
    ${[...IMPORTS, ...Object.keys(others).map(importOf)].join("\n")}
    service ThingService { rpc Do(Request) returns (Response); }
    message Response {}
    ${definitions}`;
  const descriptors = await buildContract({ "acme/things/v1/things.proto": source, ...others });
  const service = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptors)).getService(
    "acme.things.v1.ThingService",
  );
  if (service === undefined) throw new TypeError("the contract has no service");
  return service;
}

/** Returns a function that returns the violations of a request in JSON: `field CODE params`, or a list of these. */
export function validatorOf(service: DescService, onDefect: (error: Error) => void = () => {}) {
  const [method] = service.methods;
  if (method === undefined) throw new TypeError("the service has no RPC");
  const rules = createRequestRules({ contracts: [service], onDefect });
  const check = rules.of(method);
  const gates = rules.gates(method);
  return (json: JsonValue): string[] => {
    try {
      check?.(fromJson(method.input, json));
      return [];
    } catch (error) {
      if (!isKontorError(error, "INVALID_REQUEST")) throw error;
      const text = JSON.stringify(json);
      if (gates && wireFromJson(method.input, Buffer.from(text), { gates }))
        throw new TypeError(`${text} passes the gates of rules that it violates`, { cause: error });
      return error.violations.map(({ field, code, params }) => `${field} ${code} ${JSON.stringify(params)}`);
    }
  };
}
