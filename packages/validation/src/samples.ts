import { create, type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";

/**
 * Returns messages of a type that together set each of its fields to a value other than zero. Validating them evaluates all of its rules.
 */
export function samplesOf(type: DescMessage): readonly Message[] {
  const most = Math.max(1, ...type.oneofs.map(({ fields }) => fields.length));
  return Array.from({ length: most }, (_, nth) => {
    const message = create(type);
    const isChosen = ({ oneof, ...field }: DescField) =>
      oneof === undefined || oneof.fields[Math.min(nth, oneof.fields.length - 1)]?.number === field.number;
    for (const field of type.fields.filter(isChosen)) fill(reflect(type, message), field);
    return message;
  });
}

function fill(sample: ReflectMessage, field: DescField): void {
  if (field.fieldKind === "list") sample.get(field).add(sampleOf(field));
  else if (field.fieldKind === "map") sample.get(field).set(scalarOf(field.mapKey), sampleOf(field));
  else sample.set(field, sampleOf(field));
}

function sampleOf({ message, enum: desc, scalar }: DescField): unknown {
  if (message) return reflect(message);
  if (desc) return (desc.values.find(({ number }) => number !== 0) ?? desc.values[0])?.number ?? 0;
  return scalarOf(scalar ?? ScalarType.STRING);
}

function scalarOf(scalar: ScalarType): unknown {
  switch (scalar) {
    case ScalarType.STRING:
      return "x";
    case ScalarType.BOOL:
      return true;
    case ScalarType.BYTES:
      return new Uint8Array([1]);
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return 1n;
    default:
      return 1;
  }
}
