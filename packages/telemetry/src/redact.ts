const SECRET =
  /^(authorization|(set-)?cookie|.*password|.*passphrase|.*secret|.*token|card_?number|cvc|cvv|api_?key|private_?key|kontor-caller-token)$/i;
const DEPTH = 4;

/** The replacement of a secret. */
const REDACTED = "[redacted]";

/**
 * Returns a copy of `value` without secrets, four levels deep. It replaces all values under a secret's name, in any case: authorization,
 * cookie, password, token, secret, card number and similar. Returns `value` itself if there is no secret in it.
 *
 * ```ts
 * redact({ user: "ada", password: "x" }); // { user: "ada", password: "[redacted]" }
 * ```
 */
export function redact(value: unknown, depth = DEPTH): unknown {
  if (depth === 0 || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return redactArray(value, depth);
  return isPlain(value) ? redactRecord(value, depth) : value;
}

function redactArray(values: readonly unknown[], depth: number): readonly unknown[] {
  const copies = values.map((value) => redact(value, depth - 1));
  return copies.some((copy, index) => copy !== values[index]) ? copies : values;
}

function redactRecord(record: Readonly<Record<string, unknown>>, depth: number): Record<string, unknown> {
  let copy: Record<string, unknown> | undefined;
  for (const [key, value] of Object.entries(record)) {
    const clean = SECRET.test(key) && value !== undefined ? REDACTED : redact(value, depth - 1);
    if (clean === value) continue;
    copy ??= { ...record };
    copy[key] = clean;
  }
  return copy ?? record;
}

function isPlain(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
