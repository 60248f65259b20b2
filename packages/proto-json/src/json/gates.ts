import type { DescField } from "@bufbuild/protobuf";

/** What must hold for a field, as far as generated code can tell. What does not pass is read and judged by the library's path. */
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
