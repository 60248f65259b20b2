import type { DescField, DescMessage, DescOneof } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence as Presence } from "@bufbuild/protobuf/wkt";
import { isWrapper } from "../fields.ts";
import type { JsonForm } from "../json-form.ts";
import { KeyOrder } from "./key-order.ts";
import { input, output, unusual, varint } from "./rooms.ts";
import { type Source, textSource } from "./source.ts";
import { endSource, enumSource, isGroup, isQuoted, renewed, scalarSource, type ValueSource } from "./value-source.ts";
import { LONGEST_TIME, writeDuration, writeTimestamp } from "./write-times.ts";

/** Writes the content of a message that is at `from` to `end` of the input. Returns where its JSON ends. @throws unusual */
export type WriteMessage = (from: number, end: number, to: number) => number;

/** Contains the writer of a message type, which is compiled at its first call. */
export interface MessageWriter {
  write: WriteMessage;
}

/** Returns the writer of a message type. */
export type WriterOf = (desc: DescMessage) => MessageWriter;

/** Deeper messages are left to the library, which has a limit. */
const DEEPEST = 64;

/**
 * Returns the source of the writer of a message type: each field in the order of the numbers, that of encoders on the wire and of the
 * library in JSON. `i` is the place in the input `I`, and `p` that in the output `O` with its view `V`. `T` is the next tag, 0 at the end.
 */
export function messageSource(desc: DescMessage, form: JsonForm, source: Source, writerOf: WriterOf): string {
  const u = source.refer(unusual);
  const bits = new Map<DescOneof, number>(desc.oneofs.map((oneof, index) => [oneof, 1 << index]));
  const fields = desc.fields
    .toSorted((a, b) => a.number - b.number)
    .map((field) => {
      const bit = field.oneof && bits.get(field.oneof);
      const alone = bit === undefined ? "" : `if((o&${bit})!==0)throw ${u};o|=${bit};`;
      return fieldSource(field, form, source, writerOf, alone);
    });
  const name = source.refer(input);
  return `const S=${name},R=${source.refer(output)};
return function(i,end,p){
if(++S.depth>${DEEPEST})throw ${u};
let O=R.bytes,V=R.view,n=0,e=0,lo=0,hi=0,o=0,s=0,T=0;const I=S.bytes,start=p;${tagSource(source)}
${fields.join("\n")}
if(T!==0||i!==end)throw ${u};
${roomSource(2)}if(p===start)p++;O[start]=123;O[p++]=125;S.depth--;return p};`;
}

/** Returns the source of the writer of a wrapper, which is the value in it. */
export function wrapperSource(desc: DescMessage, source: Source): string {
  const [field] = desc.fields;
  if (field?.fieldKind !== "scalar" || !isWrapper(desc)) throw new TypeError(`${desc.typeName} wraps no scalar`);
  const { wireType, write, zero, room } = scalarSource(field.scalar, false, source);
  const u = source.refer(unusual);
  return `const S=${source.refer(input)},R=${source.refer(output)};
return function(i,end,p){
let O=R.bytes,V=R.view,n=0,e=0,lo=0,hi=0,T=0;const I=S.bytes;${tagSource(source)}${roomSource(room + zero.length)}
if(T===0){${textSource(zero)}}else if(T===${8 + wireType}){${write}}else throw ${u};
if(i!==end)throw ${u};
return p};`;
}

/** Returns statements that read the next tag to `T`, which is 0 at the end. */
function tagSource(source: Source): string {
  const u = source.refer(unusual);
  const long = `i=${source.refer(varint)}(i-1);if(S.high!==0)throw ${u};T=S.low>>>0;`;
  return `T=0;if(i<end){T=I[i++];if(T>127){${long}}if(T===0)throw ${u}}`;
}

function roomSource(count: number): string {
  return `if(p+${count}>R.size){R.grow(p,${count});${renewed}}`;
}

function fieldSource(field: DescField, form: JsonForm, source: Source, writerOf: WriterOf, alone: string): string {
  const key = `,${JSON.stringify(field.jsonName)}:`;
  const { wireType, write, zero, room } = valueSource(field, form, source, writerOf);
  const isHidden = form.isWireOnly(field);
  const isPacked = field.fieldKind === "list" && field.packed;
  const tag = (field.number * 8 + (isPacked || field.fieldKind === "map" ? 2 : wireType)) >>> 0;
  const next = tagSource(source);
  const keyed = roomSource(key.length + room + 4) + textSource(key);
  let present: string;
  let absent = "";
  if (field.fieldKind === "map") {
    const entry = `e=${entrySource(field, source, { wireType, write, zero, room })}(i,e,p,order);p=e;i=n;${renewed}`;
    const each = `${endSource(source)}n=e;${entry}${next}`;
    present = `${keyed}s=p;{const order=new ${source.refer(KeyOrder)}();do{${each}}while(T===${tag})}${enclosed(123, 125)}`;
    absent = `${key}{}`;
  } else if (isPacked) {
    const each = `${roomSource(room + 4)}O[p++]=44;${write}`;
    const checked = `if(i!==e)throw ${source.refer(unusual)};`;
    present = `${keyed}${endSource(source)}s=p;while(i<e){${each}}${checked}${enclosed(91, 93)}${next}`;
    absent = `${key}[]`;
  } else if (field.fieldKind === "list") {
    const each = `${roomSource(room + 4)}O[p++]=44;${write}${next}`;
    present = `${keyed}s=p;do{${each}}while(T===${tag});${enclosed(91, 93)}`;
    absent = `${key}[]`;
  } else {
    present = `${keyed}${write}${next}`;
    if (field.presence === Presence.IMPLICIT && zero !== "") absent = key + zero;
  }
  const isRequired = field.presence === Presence.LEGACY_REQUIRED;
  const otherwise = isRequired ? `throw ${source.refer(unusual)};` : roomSource(absent.length + 4) + textSource(absent);
  if (isHidden) return `if(T===${tag}){${alone}const h=p;${present}p=h;}`;
  return `if(T===${tag}){${alone}${present}}${absent === "" && !isRequired ? "" : `else{${otherwise}}`}`;
}

/** Returns statements that turn the entries written since `s`, each after a comma, into an array or an object. */
function enclosed(open: number, close: number): string {
  return `${roomSource(2)}if(p===s)p++;O[s]=${open};O[p++]=${close};`;
}

/** Returns the function that writes one entry of a map. */
function entrySource(field: DescField & { fieldKind: "map" }, source: Source, value: ValueSource): string {
  const key = scalarSource(field.mapKey, false, source);
  const isBare = !isQuoted(field.mapKey, key.zero);
  const quote = isBare ? "O[p++]=34;" : "";
  const u = source.refer(unusual);
  const tag = tagSource(source);
  return `(function(i,end,p,order){
let O=R.bytes,V=R.view,n=0,e=0,lo=0,hi=0,T=0;const I=S.bytes;${roomSource(key.room + 8)}
${tag}if(T!==${8 + key.wireType})throw ${u};
O[p++]=44;const k=p+1;${quote}${key.write}${quote}order.add(O.toString("latin1",k,p-1));
${roomSource(value.room + 4)}O[p++]=58;
${tag}if(T!==${16 + value.wireType})throw ${u};
${value.write}if(i!==end)throw ${u};
return p})`;
}

/** Returns how a value of a field, an item of a list or a value of a map is read and written. */
function valueSource(field: DescField, form: JsonForm, source: Source, writerOf: WriterOf): ValueSource {
  if (isGroup(field)) return { wireType: 3, write: `throw ${source.refer(unusual)};`, zero: "", room: 0 };
  if (field.enum !== undefined) return enumSource(field.enum, form, source);
  if (field.message === undefined) return scalarSource(field.scalar, form.isNumber(field), source);
  const { typeName } = field.message;
  const time =
    typeName === "google.protobuf.Timestamp"
      ? writeTimestamp
      : typeName === "google.protobuf.Duration"
        ? writeDuration
        : undefined;
  const end = endSource(source);
  if (time !== undefined)
    return { wireType: 2, write: `${end}p=${source.refer(time)}(i,e,p);i=e;`, zero: "", room: LONGEST_TIME };
  const write = `${end}p=${source.refer(writerOf(field.message))}.write(i,e,p);i=e;${renewed}`;
  return { wireType: 2, write, zero: "", room: 0 };
}
