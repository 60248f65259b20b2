import { type DescEnum, type DescField, ScalarType } from "@bufbuild/protobuf";
import type { JsonForm } from "../json-form.ts";
import { unusual } from "../wire/rooms.ts";
import type { Source } from "../wire/source.ts";
import type { Gate } from "./gates.ts";
import { lastText, readInteger, readNumber, readString, writeFixed64, writeVarint } from "./read-values.ts";

/** How a value is read from JSON and written to the wire. */
export interface ItemSource {
  readonly wireType: number;
  /**
   * Statements that read the value at `i` and write it at `p`, without its tag. Afterwards `v` is a number, or a text if one is required.
   */
  readonly read: string;
  /** Whether `v`, or the bytes written since `a`, are the zero value of the type. */
  readonly isZero: string;
}

const FLOAT_MAX = 3.4028234663852886e38;

/** Returns the reader of a scalar. @param gate the condition of each value */
export function scalarItem(type: ScalarType, source: Source, gate: Gate | undefined): ItemSource | undefined {
  const u = source.refer(unusual);
  const passes = gate?.value === undefined ? "" : `if(!${source.refer(gate.value)}(v))throw ${u};`;
  const number = (reader: unknown) => `v=${source.refer(reader)}(i);i=S.at;${passes}`;
  const integer = number(readInteger);
  const within = (min: number, max: number) => `${integer}if(v<${min}||v>${max})throw ${u};`;
  const int32 = within(-0x8000_0000, 0x7fff_ffff);
  const uint32 = within(0, 0xffff_ffff);
  const unsigned = `${integer}if(v<0)throw ${u};`;
  const varint = (value: string) => `p=${source.refer(writeVarint)}(${value},p);`;
  const fixed64 = `p=${source.refer(writeFixed64)}(v,p);`;
  const item = (wireType: number, read: string) => ({ wireType, read, isZero: "v===0" });
  switch (type) {
    case ScalarType.STRING: {
      const text = passes === "" ? "" : `v=${source.refer(lastText)}(p);${passes}`;
      return { wireType: 2, read: `p=${source.refer(readString)}(i,p);i=S.at;${text}`, isZero: "p===a+1" };
    }
    case ScalarType.BOOL:
      return {
        wireType: 0,
        read: `if(W.getInt32(i,true)===0x65757274){v=1;i+=4}else if(I[i]===102&&W.getInt32(i+1,true)===0x65736c61){v=0;i+=5}else throw ${u};${passes}O[p++]=v;`,
        isZero: "v===0",
      };
    case ScalarType.INT32:
      return item(0, int32 + varint("v"));
    case ScalarType.SINT32:
      return item(0, int32 + varint("v<0?-2*v-1:2*v"));
    case ScalarType.UINT32:
      return item(0, uint32 + varint("v"));
    case ScalarType.FIXED32:
      return item(5, `${uint32}V.setUint32(p,v,true);p+=4;`);
    case ScalarType.SFIXED32:
      return item(5, `${int32}V.setInt32(p,v,true);p+=4;`);
    case ScalarType.INT64:
      return item(0, integer + varint("v"));
    case ScalarType.SINT64:
      return item(0, integer + varint("v<0?-2*v-1:2*v"));
    case ScalarType.UINT64:
      return item(0, unsigned + varint("v"));
    case ScalarType.FIXED64:
      return item(1, unsigned + fixed64);
    case ScalarType.SFIXED64:
      return item(1, integer + fixed64);
    case ScalarType.FLOAT: {
      const range = `if(v>${FLOAT_MAX}||v<-${FLOAT_MAX})throw ${u};`;
      return item(5, `${number(readNumber)}${range}V.setFloat32(p,v,true);p+=4;`);
    }
    case ScalarType.DOUBLE:
      return item(1, `${number(readNumber)}V.setFloat64(p,v,true);p+=8;`);
    case ScalarType.BYTES:
      return undefined;
  }
}

/** Returns how a value of an enum is read: by name only. */
export function enumItem(desc: DescEnum, form: JsonForm, source: Source, gate: Gate | undefined): ItemSource {
  const u = source.refer(unusual);
  const names = form.namesOf(desc);
  const numbers = new Map(desc.values.toReversed().map(({ name, number }) => [name, number]));
  const ofName = names === undefined ? (name: string) => numbers.get(name) : names.numberOf;
  const passes = gate?.value === undefined ? "" : `if(!${source.refer(gate.value)}(v))throw ${u};`;
  // The name is read to where the number will be, and overwritten.
  const name = `v=${source.refer(ofName)}(${source.refer(lastText)}(${source.refer(readString)}(i,p)));i=S.at;`;
  return {
    wireType: 0,
    read: `${name}if(v===undefined)throw ${u};${passes}p=${source.refer(writeVarint)}(v,p);`,
    isZero: "v===0",
  };
}

/** Returns statements that write a tag at `p`. */
export function tagSource(field: Pick<DescField, "number">, wireType: number): string {
  const bytes: number[] = [];
  let rest = (field.number * 8 + wireType) >>> 0;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  bytes.push(rest);
  return bytes.map((byte) => `O[p++]=${byte};`).join("");
}

/** Returns an expression that says whether the input has an ASCII text at `k`. */
export function equalsSource(text: string): string {
  const bytes = Buffer.from(text, "latin1");
  const parts: string[] = [];
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) parts.push(`W.getInt32(k+${at},true)===${bytes.readInt32LE(at)}`);
  for (; at < bytes.length; at++) parts.push(`I[k+${at}]===${bytes[at]}`);
  return parts.join("&&");
}
