import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const READ_BYTES = 256 * 1024;
const LINE_LENGTH = 400;

/**
 * Returns the last events of a log, up to `count` lines. An error is shown by its first line and its causes: stack frames are dropped,
 * because their end is useless without their beginning.
 */
export function lastEvents(path: string, count = 12): string {
  return describeEvents(end(path), count);
}

/** Returns the last lines of a log's text, as {@link lastEvents} shows them. */
export function describeEvents(text: string, count = 12): string {
  const lines = text.split("\n").flatMap(describe);
  return lines.length === 0 ? "  (nothing)" : lines.slice(-count).join("\n");
}

function end(path: string): string {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const buffer = Buffer.alloc(Math.min(size, READ_BYTES));
    readSync(file, buffer, 0, buffer.length, size - buffer.length);
    const text = buffer.toString("utf8");
    return size > buffer.length ? text.slice(text.indexOf("\n") + 1) : text;
  } finally {
    closeSync(file);
  }
}

function describe(line: string): string[] {
  if (line.trim() === "" || /^\s+at /.test(line)) return [];
  const event = parse(line);
  if (event === undefined) return [shortened(`  ${line.trimEnd()}`)];
  const { time = "", level = "", msg = "", err } = event;
  return [shortened(`  ${[time, level, msg].join(" ").trim()}${causes(err)}`)];
}

/** Returns the messages of an error and of its causes. */
function causes(err: unknown): string {
  if (typeof err !== "object" || err === null) return "";
  const { type, message, cause } = err as { type?: unknown; message?: unknown; cause?: unknown };
  const [firstLine = ""] = String(message ?? "").split("\n");
  return `: ${typeof type === "string" && type !== "Error" ? `${type}: ` : ""}${firstLine}${causes(cause)}`;
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const shortened = (line: string) => (line.length > LINE_LENGTH ? `${line.slice(0, LINE_LENGTH)} …` : line);
