import { ScalarType } from "@bufbuild/protobuf";
import type { JsonWriter } from "./json-writer.ts";
import type { ValuePlan, WriteValue } from "./plans.ts";
import { unusual, type WireCursor } from "./wire-cursor.ts";

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
const QUOTE = 34;

const truth = Buffer.from("true");
const falsehood = Buffer.from("false");
const view = new DataView(new ArrayBuffer(8));

const varint = (write: WriteValue, zero = "0"): ValuePlan => ({ wireType: VARINT, write, zero });
const fixed32 = (write: WriteValue, zero = "0"): ValuePlan => ({ wireType: FIXED32, write, zero });
const fixed64 = (write: WriteValue, zero = '"0"'): ValuePlan => ({ wireType: FIXED64, write, zero });

const plans: Readonly<Record<ScalarType, ValuePlan>> = {
  [ScalarType.STRING]: {
    wireType: BYTES,
    zero: '""',
    write(from, limit, to) {
      const end = from.end(limit);
      to.string(from.bytes, from.at, end);
      from.at = end;
    },
  },
  [ScalarType.BYTES]: {
    wireType: BYTES,
    zero: '""',
    write(from, limit, to) {
      const end = from.end(limit);
      const { buffer, byteOffset } = from.bytes;
      to.ascii(`"${Buffer.from(buffer, byteOffset + from.at, end - from.at).toString("base64")}"`);
      from.at = end;
    },
  },
  [ScalarType.BOOL]: varint((from, _, to) => {
    from.varint();
    to.ready((from.low | from.high) !== 0 ? truth : falsehood);
  }, "false"),
  [ScalarType.INT32]: varint((from, _, to) => {
    from.varint();
    to.integer(from.low);
  }),
  [ScalarType.UINT32]: varint((from, _, to) => {
    from.varint();
    to.integer(from.low >>> 0);
  }),
  [ScalarType.SINT32]: varint((from, _, to) => {
    from.varint();
    to.integer((from.low >>> 1) ^ -(from.low & 1));
  }),
  [ScalarType.FIXED32]: fixed32((from, _, to) => {
    from.fixed32();
    to.integer(from.low >>> 0);
  }),
  [ScalarType.SFIXED32]: fixed32((from, _, to) => {
    from.fixed32();
    to.integer(from.low);
  }),
  [ScalarType.INT64]: varint((from, _, to) => {
    from.varint();
    signed(from, to);
  }, '"0"'),
  [ScalarType.UINT64]: varint((from, _, to) => {
    from.varint();
    unsigned(from, to);
  }, '"0"'),
  [ScalarType.SINT64]: varint((from, _, to) => {
    from.varint();
    const sign = -(from.low & 1);
    from.low = ((from.low >>> 1) | (from.high << 31)) ^ sign;
    from.high = (from.high >>> 1) ^ sign;
    signed(from, to);
  }, '"0"'),
  [ScalarType.FIXED64]: fixed64((from, _, to) => {
    from.fixed64();
    unsigned(from, to);
  }),
  [ScalarType.SFIXED64]: fixed64((from, _, to) => {
    from.fixed64();
    signed(from, to);
  }),
  [ScalarType.FLOAT]: fixed32((from, _, to) => {
    from.fixed32();
    view.setInt32(0, from.low);
    double(view.getFloat32(0), to);
  }),
  [ScalarType.DOUBLE]: fixed64((from, _, to) => {
    from.fixed64();
    view.setInt32(0, from.high);
    view.setInt32(4, from.low);
    double(view.getFloat64(0), to);
  }, "0"),
};

/** Plans how values of a scalar type are read and written; with `isNumber`, 64-bit integers as numbers. */
export function scalarPlan(type: ScalarType, isNumber = false): ValuePlan {
  const plan = plans[type];
  return isNumber && plan.zero === '"0"' ? bare(plan) : plan;
}

/** Drops the quotes of a 64-bit integer. The library refuses those beyond 2^53. */
function bare({ wireType, write }: ValuePlan): ValuePlan {
  return {
    wireType,
    zero: "0",
    write(from, limit, to) {
      const { at } = to;
      write(from, limit, to);
      if (from.high === 0 && from.low >= 0) {
        to.at = at;
        to.integer(from.low);
        return;
      }
      const text = to.since(at).slice(1, -1);
      if (!Number.isSafeInteger(Number(text))) throw unusual;
      to.at = at;
      to.ascii(text);
    },
  };
}

/** Returns the 64-bit integer that was read last, as a number where that is exact. */
export function int64Of({ low, high }: WireCursor): number | bigint {
  if (high === low >> 31) return low;
  if (high >= -0x20_0000 && high < 0x20_0000) return high * 0x1_0000_0000 + (low >>> 0);
  return (BigInt(high) << 32n) | BigInt(low >>> 0);
}

function signed(from: WireCursor, to: JsonWriter): void {
  to.byte(QUOTE);
  if (from.high === from.low >> 31) to.integer(from.low);
  else to.ascii(String(int64Of(from)));
  to.byte(QUOTE);
}

function unsigned(from: WireCursor, to: JsonWriter): void {
  if (from.high < 0) to.ascii(`"${(BigInt(from.high >>> 0) << 32n) | BigInt(from.low >>> 0)}"`);
  else signed(from, to);
}

function double(value: number, to: JsonWriter): void {
  if (value === (value | 0)) to.integer(value);
  else to.ascii(Number.isFinite(value) ? String(value) : `"${value}"`);
}
