/** The limit of each caller in a class of RPCs. */
export interface RateLimitClass {
  readonly name: string;
  /** Requests in a window. */
  readonly limit: number;
  readonly windowMs: number;
  /** Whether requests are refused while the shared counters are unreachable, instead of being counted per replica. */
  readonly failClosed: boolean;
}

const defaults = {
  default: { limit: 600 },
  orders: { limit: 60 },
  credentials: { limit: 30 },
  sessions: { limit: 30 },
  webhooks: { limit: 6_000 },
};

const names = new Set(["limit", "windowSeconds", "failClosed"]);
const LONGEST_WINDOW_S = 3_600;

/** Reads GATEWAY_RATE_LIMITS over the defaults. @throws Error that names the invalid part */
export function parseRateLimits(text: string): ReadonlyMap<string, RateLimitClass> {
  const classes = { ...defaults, ...objectIn(text, "GATEWAY_RATE_LIMITS") };
  return new Map(Object.entries(classes).map(([name, given]) => [name, classOf(name, given)]));
}

function classOf(name: string, given: unknown): RateLimitClass {
  const wrong = (what: string): Error => new Error(`GATEWAY_RATE_LIMITS: ${what} of the class "${name}".`);
  if (!/^[a-z][a-z0-9_-]{0,31}$/.test(name)) throw wrong("that is no name");
  if (typeof given !== "object" || given === null) throw wrong("an object was expected");
  const { limit, windowSeconds = 60, failClosed = false, ...rest } = given as Record<string, unknown>;
  const [unknown] = Object.keys(rest).filter((key) => !names.has(key));
  if (unknown !== undefined) throw wrong(`unknown member "${unknown}"`);
  if (!isWhole(limit) || limit > 1e9) throw wrong("limit is not a whole number from 1");
  if (!isWhole(windowSeconds) || windowSeconds > LONGEST_WINDOW_S)
    throw wrong(`windowSeconds is not a whole number from 1 to ${LONGEST_WINDOW_S}`);
  if (typeof failClosed !== "boolean") throw wrong("failClosed is not true or false");
  return { name, limit, windowMs: windowSeconds * 1_000, failClosed };
}

function isWhole(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1;
}

function objectIn(text: string, variable: string): object {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${variable} is not JSON.`, { cause });
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw new Error(`${variable} is not a JSON object.`);
  return parsed;
}
