import { type DescMessage, type JsonValue, type MessageShape, type Registry, toJson } from "@bufbuild/protobuf";
import { type Any, AnySchema, anyUnpack } from "@bufbuild/protobuf/wkt";
import { BadRequestSchema } from "../gen/google/rpc/error_details_pb.ts";
import type { Language } from "./language.ts";
import type { Text } from "./text.ts";

/** A field violation as an upstream reports it. */
export interface UpstreamViolation {
  /** As in `google.rpc.BadRequest.FieldViolation`. */
  readonly field: string;
  readonly text: Text;
}

/** Reads field violations out of the details of a status. */
export interface ViolationReader {
  readonly read: (details: readonly Any[]) => readonly UpstreamViolation[];
  /** Full names of the messages that `read` reads next to `BadRequest`: they are not shown as `details`. */
  readonly types: readonly string[];
}

/** Reads `BadRequest`, with its `reason` as the code and `localized_message` in its language. */
export const plainViolations: ViolationReader = {
  read: (details) =>
    details
      .flatMap((any) => unpack(any, BadRequestSchema)?.fieldViolations ?? [])
      .map(({ field, ...violation }) => {
        const { description, reason, localizedMessage: other } = violation;
        const text = (language: Language) => (other?.locale === language ? other.message : description);
        return { field, text: { ...(reason && { code: reason }), in: text } };
      }),
  types: [],
};

/** Whether a detail is read as violations. */
export function isViolation({ typeUrl }: Any, types: readonly string[]): boolean {
  const name = typeUrl.slice(typeUrl.lastIndexOf("/") + 1);
  return name === BadRequestSchema.typeName || types.includes(name);
}

/** Returns the message in a detail; undefined if it is another one, or none. */
export function unpack<Desc extends DescMessage>(any: Any, schema: Desc): MessageShape<Desc> | undefined {
  try {
    return anyUnpack(any, schema);
  } catch {
    return undefined;
  }
}

/** Returns a detail as ProtoJSON; its bytes in base64 if its type is unknown. */
export function unknownDetail(any: Any, registry: Registry): JsonValue {
  try {
    return toJson(AnySchema, any, { registry });
  } catch {
    return { "@type": any.typeUrl, value: Buffer.from(any.value).toString("base64") };
  }
}
