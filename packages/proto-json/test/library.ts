import { readFileSync } from "node:fs";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

/** The contract that `packages/transcoder` is tested with: it has fields of every kind. */
const descriptors = readFileSync(new URL("../../transcoder/test/library.binpb", import.meta.url));

export const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptors));
