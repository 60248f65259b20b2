import { readFileSync } from "node:fs";
import { createFileRegistry, fromBinary, ScalarType } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { JsonRules } from "../src/json-form.ts";

/** The contract that `packages/transcoder` is tested with: it has fields of every kind. */
const descriptors = readFileSync(new URL("../../transcoder/test/library.binpb", import.meta.url));

export const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptors));

const wide = new Set([ScalarType.INT64, ScalarType.UINT64, ScalarType.SINT64, ScalarType.FIXED64, ScalarType.SFIXED64]);
/** Rules of a form in which everything that can differ from ProtoJSON does. */
export const formRules: JsonRules = {
  isNumber: (field) =>
    field.scalar !== undefined && wide.has(field.scalar) && field.parent.file.proto.package !== "google.protobuf",
  hasShortNames: ({ name }) => name === "Genre" || name === "Colour",
  isWireOnly: ({ name }) => name === "lent",
};
