import { type DescEnum, type DescField, getOption, hasOption } from "@bufbuild/protobuf";
import { json_number, short_names, wire_copy_of } from "@kontor/contracts/options/v1/options";

/** Returns the differences of the contracts' JSON from ProtoJSON, by their options. Contracts without Kontor's options are ProtoJSON. */
export const jsonRules = {
  isNumber: (field: DescField): boolean => hasOption(field, json_number) && getOption(field, json_number),
  hasShortNames: (desc: DescEnum): boolean => hasOption(desc, short_names) && getOption(desc, short_names),
  isWireOnly: (field: DescField): boolean => hasOption(field, wire_copy_of),
};
