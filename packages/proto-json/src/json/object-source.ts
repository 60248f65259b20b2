import { type DescField, type DescMessage, type DescOneof, ScalarType } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence as Presence } from "@bufbuild/protobuf/wkt";
import { isWellKnown } from "../fields.ts";
import type { JsonForm } from "../json-form.ts";
import { KeyOrder } from "../wire/key-order.ts";
import { input, output, unusual } from "../wire/rooms.ts";
import type { Source } from "../wire/source.ts";
import { isGroup } from "../wire/value-source.ts";
import type { Gate, Gates } from "./gates.ts";
import { enumItem, equalsSource, type ItemSource, scalarItem, tagSource } from "./item-source.ts";
import { lastText, readString, reorder, skipSpace, writeLength } from "./read-values.ts";

/** Reads the JSON object at `from` and writes the content of its message. Returns where that ends. @throws unusual */
export type ReadMessage = (from: number, to: number) => number;

/** Contains the reader of a message type, which is compiled at its first call. */
export interface MessageReader {
  read: ReadMessage;
}

/** The dependencies of readers. */
export interface ReaderContext {
  readonly form: JsonForm;
  readonly gates: Gates;
  readonly readerOf: (desc: DescMessage) => MessageReader;
}

const space = (source: Source) => `if(I[i]<=32)i=${source.refer(skipSpace)}(i);`;
const onlyOnce = 31;

/** Returns whether readers of the message can be generated. */
export function isReadable({ fields, oneofs }: DescMessage): boolean {
  return (
    fields.length <= 2 * onlyOnce &&
    oneofs.length <= onlyOnce &&
    fields.every(({ presence }) => presence !== Presence.LEGACY_REQUIRED)
  );
}

/**
 * Returns the source of the reader of a message type. Keys are distinguished by their length and their bytes. `i` is the place in the
 * input `I` with its view `W`, `p` that in the output `O` with its view `V`. Fields are written as they come; where that is not the
 * order of their numbers, they are put in it at the end.
 */
export function objectSource(desc: DescMessage, source: Source, context: ReaderContext): string {
  const u = source.refer(unusual);
  const byNumber = desc.fields.toSorted((a, b) => a.number - b.number);
  const oneofs = new Map<DescOneof, number>(desc.oneofs.map((oneof, index) => [oneof, 1 << index]));
  const sources = new Map(
    byNumber.map((field, rank) => [
      field,
      fieldSource(field, rank, oneofs.get(field.oneof as DescOneof), source, context),
    ]),
  );
  const named = Map.groupBy(namesOf(desc, context.form), ([name]) => name.length);
  const cases = [...named].map(([length, fields]) => {
    const tests = fields.map(([name, field]) => `if(${equalsSource(name)}){${sources.get(field)}break;}`);
    return `case ${length}:${tests.join("")}throw ${u};`;
  });
  const needed = byNumber.flatMap((field, rank) =>
    context.gates(field)?.optional === false ? [`if((${seen(rank)})===0)throw ${u};`] : [],
  );
  const places = byNumber.map((_, rank) => `b${rank},e${rank}`).join();
  const begun = byNumber.map((_, rank) => `b${rank}=0,e${rank}=0`).join();
  const declared = begun === "" ? "" : `let ${begun};`;
  const ordered = begun === "" ? "" : `if(r)${source.refer(reorder)}([${places}],start,p);`;
  return `const S=${source.refer(input)},R=${source.refer(output)};
return function(i,p){
const I=S.bytes,W=S.view,O=R.bytes,V=R.view,start=p;
let k=0,n=0,w=0,a=0,q=0,v=0,l=-1,r=false,m0=0,m1=0,o=0;${declared}
if(I[i++]!==123||(S.depth+=2)>S.deepest)throw ${u};${space(source)}
if(I[i]===125)i++;else for(;;){
if(I[i++]!==34)throw ${u};
k=i;while(I[i]!==34){if(I[i]===92||I[i]<32)throw ${u};i++}n=i-k;i++;w++;
${space(source)}if(I[i++]!==58||++S.values>S.mostValues)throw ${u};${space(source)}
switch(n){${cases.join("\n")}default:throw ${u}}
${space(source)}if(I[i]===44){i++;${space(source)}continue}if(I[i++]===125)break;throw ${u}}
${needed.join("")}${ordered}S.depth-=2;S.keys=w;S.at=i;return p};`;
}

function seen(rank: number): string {
  return rank < onlyOnce ? `m0&${1 << rank}` : `m1&${1 << (rank - onlyOnce)}`;
}

function seeing(rank: number): string {
  return rank < onlyOnce ? `m0|=${1 << rank};` : `m1|=${1 << (rank - onlyOnce)};`;
}

/** Returns the names that lead to one field only, and are ASCII. Fields of the wire only have none. */
function namesOf({ fields }: DescMessage, form: JsonForm): readonly (readonly [string, DescField])[] {
  const named = fields.flatMap((field) =>
    [...new Set([field.jsonName, field.name])].map((name) => [name, field] as const),
  );
  const byName = Map.groupBy(named, ([name]) => name);
  return named.filter(
    ([name, field]) => byName.get(name)?.length === 1 && !form.isWireOnly(field) && /^[ !#-[\]-~]+$/.test(name),
  );
}

function fieldSource(
  field: DescField,
  rank: number,
  oneof: number | undefined,
  source: Source,
  context: ReaderContext,
): string {
  const u = source.refer(unusual);
  const gate = context.gates(field);
  const item = itemOf(field, source, context, gate);
  const once = `if((${seen(rank)})!==0)throw ${u};`;
  if (item === undefined || keepsNull(field)) return `throw ${u};`;
  const alone = oneof === undefined ? "" : `if((o&${oneof})!==0)throw ${u};o|=${oneof};`;
  const nothing = gate?.optional === false ? `throw ${u};` : "i+=4;";
  const order = `if(${rank}<l)r=true;l=${rank};`;
  const value = contentSource(field, `b${rank}`, item, source, gate);
  const isNull = `W.getInt32(i,true)===0x6c6c756e`;
  return `${once}${seeing(rank)}if(${isNull}){${nothing}}else{${alone}b${rank}=p;${value}e${rank}=p;${order}}`;
}

/** Returns statements that write all values of a field, from `begin` on. */
function contentSource(
  field: DescField,
  begin: string,
  item: ItemSource,
  source: Source,
  gate: Gate | undefined,
): string {
  const u = source.refer(unusual);
  const close = `p=${source.refer(writeLength)}`;
  const counted = gate?.items === undefined ? "" : `if(n<${gate.items.min}||n>${gate.items.max})throw ${u};`;
  const tag = tagSource(field, item.wireType);
  const value = `if(++S.values>S.mostValues)throw ${u};n++;`;
  const more = `${space(source)}if(I[i]===44){i++;${space(source)}continue}`;
  if (field.fieldKind === "list") {
    const each = (write: string) =>
      `if(I[i++]!==91)throw ${u};n=0;${space(source)}if(I[i]===93)i++;else for(;;){${value}${write}${more}if(I[i++]===93)break;throw ${u}}${counted}`;
    if (!field.packed) return each(`${tag}a=p;${item.read}`);
    return `${tagSource(field, 2)}q=p++;${each(item.read)}if(n===0)p=${begin};else ${close}(q,p);`;
  }
  if (field.fieldKind === "map") {
    const key = `q=p++;O[p++]=10;p=${source.refer(readString)}(i,p);i=S.at;v=${source.refer(lastText)}(p);if(v==="__proto__")throw ${u};order.add(v);`;
    const colon = `${space(source)}if(I[i++]!==58)throw ${u};${space(source)}`;
    const entry = `${tagSource(field, 2)}${key}${colon}${tagSource({ number: 2 }, item.wireType)}a=p;${item.read}${close}(q,p);`;
    return `{const order=new ${source.refer(KeyOrder)}();if(I[i++]!==123)throw ${u};n=0;${space(source)}if(I[i]===125)i++;else for(;;){${value}${entry}${more}if(I[i++]===125)break;throw ${u}}${counted}}`;
  }
  const isImplicit = field.presence === Presence.IMPLICIT;
  return `${tag}a=p;${item.read}${isImplicit ? `if(${item.isZero})p=${begin};` : ""}`;
}

/** Returns the reader of one value of a field; undefined for values that the library reads. */
function itemOf(
  field: DescField,
  source: Source,
  context: ReaderContext,
  gate: Gate | undefined,
): ItemSource | undefined {
  if (isGroup(field)) return undefined;
  if (field.fieldKind === "map" && field.mapKey !== ScalarType.STRING) return undefined;
  if (field.message !== undefined) {
    if (isWellKnown(field.message)) return undefined;
    const reader = source.refer(context.readerOf(field.message));
    const write = `{const z=p++;p=${reader}.read(i,p);i=S.at;p=${source.refer(writeLength)}(z,p);}`;
    return { wireType: 2, read: write, isZero: "false" };
  }
  if (field.enum !== undefined) {
    if (field.enum.typeName === "google.protobuf.NullValue") return undefined;
    return enumItem(field.enum, context.form, source, gate);
  }
  return scalarItem(field.scalar, source, gate);
}

/** Returns whether null is a value of the field. */
function keepsNull({ message, enum: desc }: DescField): boolean {
  return message?.typeName === "google.protobuf.Value" || desc?.typeName === "google.protobuf.NullValue";
}
