import { type DescEnum, getOption, hasOption } from "@bufbuild/protobuf";
import { short_names } from "@kontor/contracts/options/v1/options";

/** Returns the names of an enum's values as JSON has them, without UNSPECIFIED. */
export function namesOf(desc: DescEnum, numbers?: readonly number[]): readonly string[] {
  const isShort = hasOption(desc, short_names) && getOption(desc, short_names);
  return desc.values
    .filter(({ name, number }) => numbers?.includes(number) ?? !(number === 0 && name.endsWith("UNSPECIFIED")))
    .map(({ name, localName }) => (isShort ? localName.toLowerCase() : name));
}
