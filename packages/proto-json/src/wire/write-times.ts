import { input, int64Of, output, unusual, varint } from "./rooms.ts";
import { writeDigits, writeTwoDigits } from "./write-numbers.ts";
import { writeAscii } from "./write-text.ts";

const [SECONDS, NANOS] = [0x08, 0x10];
const LAST_SECOND = 253_402_300_799; // 9999-12-31T23:59:59Z
const FIRST_SECOND = -62_135_596_800; // 0001-01-01T00:00:00Z
const LONGEST = 315_576_000_000; // 10,000 years
const DAY = 86_400;
const [QUOTE, MINUS, DOT, COLON] = [34, 45, 46, 58];

/** The most bytes of a time. */
export const LONGEST_TIME = 40;

let seconds = 0;
let nanos = 0;

/** Reads the seconds and nanoseconds of a Timestamp or Duration. */
function readTime(from: number, end: number, least: number, most: number): void {
  const { bytes } = input;
  seconds = 0;
  nanos = 0;
  let at = from;
  if (at < end && bytes[at] === SECONDS) {
    at = varint(at + 1);
    const value = int64Of(input.low, input.high);
    if (value < least || value > most) throw unusual;
    seconds = Number(value);
  }
  if (at < end && bytes[at] === NANOS) {
    at = varint(at + 1);
    nanos = input.low;
  }
  if (at !== end || nanos <= -1e9 || nanos >= 1e9) throw unusual;
}

/** Writes a Timestamp as RFC 3339. Returns where it ends. @throws unusual */
export function writeTimestamp(from: number, end: number, to: number): number {
  readTime(from, end, FIRST_SECOND, LAST_SECOND);
  if (nanos < 0) throw unusual;
  const { bytes } = output;
  const day = Math.floor(seconds / DAY);
  const second = seconds - day * DAY;
  bytes[to] = QUOTE;
  let at = writeDate(day, to + 1);
  bytes[at] = 84;
  at = writeTwoDigits(second / 3600, at + 1);
  bytes[at] = COLON;
  at = writeTwoDigits((second / 60) % 60, at + 1);
  bytes[at] = COLON;
  at = writeFraction(writeTwoDigits(second % 60, at + 1));
  bytes[at] = 90;
  bytes[at + 1] = QUOTE;
  return at + 2;
}

/** Writes a Duration in seconds. Returns where it ends. @throws unusual */
export function writeDuration(from: number, end: number, to: number): number {
  readTime(from, end, -LONGEST, LONGEST);
  if ((seconds > 0 && nanos < 0) || (seconds < 0 && nanos > 0)) throw unusual;
  const { bytes } = output;
  let at = to;
  bytes[at++] = QUOTE;
  if (seconds === 0 && nanos < 0) bytes[at++] = MINUS;
  at = writeAscii(String(seconds), at);
  nanos = Math.abs(nanos);
  at = writeFraction(at);
  bytes[at] = 115;
  bytes[at + 1] = QUOTE;
  return at + 2;
}

/** Writes 0, 3, 6 or 9 digits of a second. */
function writeFraction(to: number): number {
  if (nanos === 0) return to;
  output.bytes[to] = DOT;
  if (nanos % 1_000_000 === 0) return writeDigits(nanos / 1_000_000, 3, to + 1);
  return nanos % 1_000 === 0 ? writeDigits(nanos / 1_000, 6, to + 1) : writeDigits(nanos, 9, to + 1);
}

/** Writes a day since 1970-01-01. Within an era of 400 years that begins in March, months follow a pattern. */
function writeDate(day: number, to: number): number {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
  let at = writeTwoDigits(year % 100, writeTwoDigits(year / 100, to));
  output.bytes[at] = MINUS;
  at = writeTwoDigits(month, at + 1);
  output.bytes[at] = MINUS;
  return writeTwoDigits(dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1, at + 1);
}
