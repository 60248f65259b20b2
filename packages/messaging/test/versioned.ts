import { create, setExtension } from "@bufbuild/protobuf";
import { MessageOptionsSchema, StringValueSchema } from "@bufbuild/protobuf/wkt";
import { event_version } from "@kontor/contracts/options/v1/options";

/** Returns the contract of a word in a release that declares this version. */
export function wordOfVersion(version: number): typeof StringValueSchema {
  const options = create(MessageOptionsSchema);
  setExtension(options, event_version, version);
  return { ...StringValueSchema, proto: { ...StringValueSchema.proto, options } };
}
