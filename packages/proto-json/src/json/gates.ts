import type { DescField } from "@bufbuild/protobuf";

/** The conditions of a field that generated code can check. The library's path reads and validates values that do not pass. */
export interface Gate {
  /** Returns whether a text, a number, or each of a list passes. Enum values are numbers. */
  readonly value?: (value: never) => boolean;
  /** The fewest and the most items of a list or a map. */
  readonly items?: { readonly min: number; readonly max: number };
  /** Whether the message passes without the field. */
  readonly optional: boolean;
}

/** Returns the gate of a field; undefined for fields that everything passes. */
export type Gates = (field: DescField) => Gate | undefined;

/** No gates. */
export const open: Gates = () => undefined;
