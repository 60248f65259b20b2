import type { DescMessage } from "@bufbuild/protobuf";
import { isWellKnown, isWrapper } from "../fields.ts";
import type { JsonWriter } from "./json-writer.ts";
import type { WriteValue } from "./plans.ts";
import { int64Of, scalarPlan } from "./scalar-plan.ts";
import { unusual, type WireCursor } from "./wire-cursor.ts";

const [SECONDS, NANOS, VALUE] = [0x08, 0x10, 0x08];
const LAST_SECOND = 253_402_300_799; // 9999-12-31T23:59:59Z
const FIRST_SECOND = -62_135_596_800; // 0001-01-01T00:00:00Z
const LONGEST = 315_576_000_000; // 10,000 years
const DAY = 86_400;
const [QUOTE, DASH, DOT, COLON] = [34, 45, 46, 58];

/** Plans a message that ProtoJSON has a form of its own for; returns undefined for all others. */
export function wellKnownPlan(desc: DescMessage): WriteValue | undefined {
  if (!isWellKnown(desc)) return undefined;
  if (isWrapper(desc)) return wrapper(desc);
  if (desc.name === "Timestamp") return timestamp;
  if (desc.name === "Duration") return duration;
  return (_from, _end, _to) => {
    throw unusual;
  };
}

function wrapper(desc: DescMessage): WriteValue {
  const [field] = desc.fields;
  if (field?.fieldKind !== "scalar") throw new TypeError(`${desc.typeName} wraps no scalar`);
  const { wireType, write, zero } = scalarPlan(field.scalar);
  return (from, end, to) => {
    const tag = from.tag(end);
    if (tag === 0) to.ascii(zero);
    else if (tag === (VALUE | wireType)) write(from, end, to);
    else throw unusual;
    if (from.at !== end) throw unusual;
  };
}

let seconds = 0;
let nanos = 0;

/** Reads what Timestamp and Duration are made of. */
function readTime(from: WireCursor, end: number, least: number, most: number): void {
  seconds = 0;
  nanos = 0;
  let tag = from.tag(end);
  if (tag === SECONDS) {
    from.varint();
    const value = int64Of(from);
    if (value < least || value > most) throw unusual;
    seconds = Number(value);
    tag = from.tag(end);
  }
  if (tag === NANOS) {
    from.varint();
    nanos = from.low;
    tag = from.tag(end);
  }
  if (tag !== 0 || from.at !== end || nanos <= -1e9 || nanos >= 1e9) throw unusual;
}

function timestamp(from: WireCursor, end: number, to: JsonWriter): void {
  readTime(from, end, FIRST_SECOND, LAST_SECOND);
  if (nanos < 0) throw unusual;
  const day = Math.floor(seconds / DAY);
  const second = seconds - day * DAY;
  to.byte(QUOTE);
  date(day, to);
  to.byte(84);
  to.digits(second / 3600, 2);
  to.byte(COLON);
  to.digits((second / 60) % 60, 2);
  to.byte(COLON);
  to.digits(second % 60, 2);
  fraction(to);
  to.byte(90);
  to.byte(QUOTE);
}

function duration(from: WireCursor, end: number, to: JsonWriter): void {
  readTime(from, end, -LONGEST, LONGEST);
  if ((seconds > 0 && nanos < 0) || (seconds < 0 && nanos > 0)) throw unusual;
  to.byte(QUOTE);
  if (seconds === 0 && nanos < 0) to.byte(DASH);
  to.ascii(String(seconds));
  nanos = Math.abs(nanos);
  fraction(to);
  to.byte(115);
  to.byte(QUOTE);
}

/** Writes 0, 3, 6 or 9 digits of a second. */
function fraction(to: JsonWriter): void {
  if (nanos === 0) return;
  to.byte(DOT);
  if (nanos % 1_000_000 === 0) to.digits(nanos / 1_000_000, 3);
  else if (nanos % 1_000 === 0) to.digits(nanos / 1_000, 6);
  else to.digits(nanos, 9);
}

/** Writes a day since 1970-01-01. Within an era of 400 years that begins in March, months follow a pattern. */
function date(day: number, to: JsonWriter): void {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  to.digits(era * 400 + yearOfEra + (month <= 2 ? 1 : 0), 4);
  to.byte(DASH);
  to.digits(month, 2);
  to.byte(DASH);
  to.digits(dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1, 2);
}
