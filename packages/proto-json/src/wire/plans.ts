import type { JsonWriter } from "./json-writer.ts";
import type { WireCursor } from "./wire-cursor.ts";

/** Reads one value, which ends before `limit`, and writes it as JSON. @throws unusual */
export type WriteValue = (from: WireCursor, limit: number, to: JsonWriter) => void;

/** How a kind of value is on the wire, and how it is written. */
export interface ValuePlan {
  readonly wireType: number;
  readonly write: WriteValue;
  /** What ProtoJSON writes for the zero value. */
  readonly zero: string;
}

/** How a field is read and written. */
export interface FieldPlan {
  /** Its number and wire type as they are before it. */
  readonly tag: number;
  /** The bit of its oneof, in which only one field may be there; 0 when it has none. */
  readonly oneof: number;
  /** Writes all there is of the field, from behind its tag, with a comma in front. Returns the next tag. */
  present(from: WireCursor, end: number, to: JsonWriter): number;
  /** Writes what takes the place of a field that is not there. */
  absent(to: JsonWriter): void;
}
