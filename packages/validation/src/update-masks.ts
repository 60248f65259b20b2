import { type DescField, type DescMessage, getOption } from "@bufbuild/protobuf";
import type { Path, ReflectMessage } from "@bufbuild/protobuf/reflect";
import { type FieldMask, FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { FieldBehavior, field_behavior } from "@kontor/contracts/google/api/field_behavior";

/** Returns whether a violation concerns a field that the request changes. */
export type ConcernsUpdate = (message: ReflectMessage, path: Path) => boolean;

/**
 * Returns the rules that apply to the requests of an update (AIP-134): those of the fields that its mask names. Without a mask these are
 * the fields that the resource sets, and with `*` all of them. Fields that are OUTPUT_ONLY or IMMUTABLE are not validated: the update
 * compares them with the stored ones. Returns undefined for requests that have no mask.
 */
export function concernsUpdate(type: DescMessage): ConcernsUpdate | undefined {
  const mask = type.fields.find(({ message }) => message?.typeName === FieldMaskSchema.typeName);
  const resource = type.fields.find(({ message }) => message && message.file.proto.package !== "google.protobuf");
  if (mask?.fieldKind !== "message" || resource?.fieldKind !== "message") return undefined;
  return (message, [first, second, ...rest]) => {
    if (first !== resource || second?.kind !== "field") return true;
    if (isKept(second)) return false;
    const { paths } = message.get(mask).message as FieldMask;
    if (paths.includes("*")) return true;
    if (paths.length === 0) return message.isSet(resource) && message.get(resource).isSet(second);
    return paths.some((path) => isCovered([second, ...rest], path.split(".")));
  };
}

/** Returns whether one of the path and the names leads to the other or beyond it. */
function isCovered(path: Path, names: readonly string[]): boolean {
  return names.every((name, index) => {
    const step = path[index];
    return step?.kind !== "field" || step.name === name || step.jsonName === name;
  });
}

function isKept(field: DescField): boolean {
  const behaviors = getOption(field, field_behavior);
  return behaviors.includes(FieldBehavior.OUTPUT_ONLY) || behaviors.includes(FieldBehavior.IMMUTABLE);
}
