import type { Any } from "@bufbuild/protobuf/wkt";
import { type FieldViolation, violationText } from "@kontor/errors";
import { violationsOf } from "@kontor/rpc";
import type { Text, UpstreamViolation } from "@kontor/transcoder";

/** Returns the field violations of a status, with texts from the catalogue of violations in every language. */
export function violationsIn(details: readonly Any[]): readonly UpstreamViolation[] {
  return violationsOf(details).map((violation) => ({ field: violation.field, text: textOf(violation) }));
}

/** Returns the text of a violation. One with a code that the catalogue lacks has the text of its service only. */
export function textOf({ code, params = {}, description }: FieldViolation): Text {
  return {
    ...(code !== undefined && { code, params }),
    in: (language) => (code && violationText(code, params, language)) || description,
  };
}
