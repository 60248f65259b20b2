import { type Common, optional, setting } from "./make-setting.ts";
import type { Parsed, Setting } from "./setting.ts";

/** Which parts of a URL its reader uses. Every other part is refused at start, so that nothing is dropped silently. */
export interface UrlRules {
  /** Schemes without `://`, such as `["http", "https"]`. */
  readonly protocols: readonly string[];
  /** Whether user information (`user:password@`) is used. Default false. */
  readonly userInfo?: boolean;
  /** Whether a path is used. Default false; a single slash is always accepted. */
  readonly path?: boolean;
  /** Names of the query parameters that are used. Default none. */
  readonly query?: readonly string[];
}

type Options<D> = Common<D> & UrlRules;

/**
 * Declares a URL as text, unchanged, of which every part is used. A part that the reader would drop is refused: see {@link UrlRules}.
 *
 * ```ts
 * const carrier = url("CARRIER_URL", { protocols: ["http", "https"], path: true, doc: "Where the carrier is." });
 * ```
 */
export function url(variable: string, options: Options<string>): Setting<string> {
  return setting(variable, options, holdsUrl(options), (raw) => checkUrl(raw, options));
}

/** Declares a URL as text, or undefined when unset. */
export function optionalUrl(variable: string, options: Omit<Options<string>, "default">): Setting<string | undefined> {
  return optional(url(variable, options));
}

/**
 * Declares URLs separated by commas, each as {@link url} reads it.
 *
 * ```ts
 * const nats = urls("NATS_URL", { protocols: ["nats", "tls"], userInfo: true, secret: true, doc: "Servers of NATS." });
 * ```
 */
export function urls(variable: string, options: Options<readonly string[]>): Setting<readonly string[]> {
  return setting(variable, options, `URLs separated by commas, each ${holdsUrl(options)}`, (raw) => {
    const all = raw.split(",").map((item) => item.trim());
    const value = all.filter((item) => item !== "");
    for (const item of value) {
      const checked = checkUrl(item, options);
      if ("problem" in checked) return checked;
    }
    return { value };
  });
}

/** Returns the URL, or the first part of it that its reader would ignore. Never quotes the URL, which may contain a password. */
export function checkUrl(raw: string, rules: UrlRules): Parsed<string> {
  if (!URL.canParse(raw)) return { problem: "is not a URL" };
  const { protocol, hostname, port, username, password, pathname, search, searchParams, hash } = new URL(raw);
  if (!rules.protocols.includes(protocol.slice(0, -1))) return { problem: `is not ${holdsUrl(rules)}` };
  if (hostname === "" && !searchParams.has("host")) return { problem: "names no host" };
  if (port === "0") return { problem: "names port 0" };
  if (!rules.userInfo && (username !== "" || password !== ""))
    return { problem: "holds user information, which is not used" };
  if (!rules.path && !["", "/"].includes(pathname)) return { problem: "holds a path, which is not used" };
  const used = rules.query ?? [];
  const unused = [...searchParams.keys()].find((name) => !used.includes(name));
  if (unused !== undefined) return { problem: `holds the query parameter ${unused}, which is not used` };
  if (search === "" && raw.includes("?") && used.length === 0) return { problem: "holds a query, which is not used" };
  if (hash !== "" || raw.includes("#")) return { problem: "holds a fragment, which is not used" };
  return { value: raw };
}

function holdsUrl({ protocols }: UrlRules): string {
  return `a URL that starts with ${protocols.map((name) => `${name}://`).join(" or ")}`;
}
