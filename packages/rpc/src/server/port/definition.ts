import type { DescMethod } from "@bufbuild/protobuf";
import type { MethodDefinition } from "@grpc/grpc-js";
import { untouched } from "../../wire.ts";

/** Returns a method as grpc-js defines it, with its messages as bytes. */
export function definition(desc: DescMethod): MethodDefinition<Buffer, Buffer> {
  return {
    path: `/${desc.parent.typeName}/${desc.name}`,
    requestStream: desc.methodKind === "client_streaming" || desc.methodKind === "bidi_streaming",
    responseStream: desc.methodKind === "server_streaming" || desc.methodKind === "bidi_streaming",
    requestSerialize: untouched,
    requestDeserialize: untouched,
    responseSerialize: untouched,
    responseDeserialize: untouched,
  };
}
