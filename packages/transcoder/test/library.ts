import { readFileSync } from "node:fs";
import {
  create,
  createFileRegistry,
  type DescService,
  fromBinary,
  fromJson,
  type JsonValue,
  type Message,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

/** The contract that the tests are served from, compiled from `proto/` by `pnpm generate`. */
export const descriptors = readFileSync(new URL("library.binpb", import.meta.url));
export const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptors));

export function service(): DescService {
  const found = registry.getService("transcoder.test.v1.LibraryService");
  if (found === undefined) throw new Error("the test contract has no LibraryService");
  return found;
}

export function messageFrom(type: string, json: JsonValue): Message {
  const desc = registry.getMessage(`transcoder.test.v1.${type}`) ?? registry.getMessage(type);
  if (desc === undefined) throw new Error(`no message ${type}`);
  return json === null ? create(desc) : fromJson(desc, json, { registry });
}

export function jsonOf(message: Message): JsonValue {
  const desc = registry.getMessage(message.$typeName);
  if (desc === undefined) throw new Error(`no message ${message.$typeName}`);
  return toJson(desc, message, { registry });
}

export { fromBinary, toBinary };
