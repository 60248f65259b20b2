import { readFileSync } from "node:fs";
import type { ClientConfig } from "pg";

/** A database URL, and the CA that signed its server's certificate if that is a private one. */
export interface DatabaseAddress {
  readonly url: string;
  /** Path of a PEM file. Default: the CAs that Node knows, or `sslrootcert` of the URL. */
  readonly caFile?: string | undefined;
}

/** A URL or a file that cannot be honoured. Names the part and the remedy, never the password. */
export class DatabaseUrlError extends Error {
  override readonly name = "DatabaseUrlError";
}

/** Parameters that `pg` accepts unchanged. */
const HONOURED = new Set(["application_name", "host", "sslnegotiation"]);
const TLS = new Set(["sslmode", "sslrootcert", "sslcert", "sslkey"]);

/**
 * Reads a URL into the options of a `pg` client. With `sslmode` absent or `disable` the connection is plain. `require` and
 * `verify-full` verify the server's certificate and its name, `verify-ca` the certificate alone, `no-verify` nothing.
 *
 * @throws DatabaseUrlError if a part of the URL cannot be honoured or a file cannot be read.
 */
export function readDatabaseUrl({ url, caFile }: DatabaseAddress): Pick<ClientConfig, "connectionString" | "ssl"> {
  const parsed = parse(url);
  const parameters = parsed.searchParams;
  for (const name of parameters.keys()) {
    if (!HONOURED.has(name) && !TLS.has(name)) {
      throw new DatabaseUrlError(`The database URL has the parameter "${name}", which is not supported. Remove it.`);
    }
  }
  const ssl = readTls(parameters, caFile);
  for (const name of TLS) parameters.delete(name);
  return { connectionString: parsed.href, ...(ssl && { ssl }) };
}

/**
 * Returns the user that a URL names, which is the role of its sessions; empty if it names none.
 *
 * @throws TypeError if it is not a URL.
 */
export function userOf(url: string): string {
  return decodeURIComponent(parse(url).username);
}

function parse(url: string): URL {
  if (!URL.canParse(url)) {
    throw new DatabaseUrlError("The database URL is not a URL. Set it to postgres://user:password@host:5432/database.");
  }
  const parsed = new URL(url);
  if (!/^postgres(ql)?:$/.test(parsed.protocol)) {
    throw new DatabaseUrlError(`The database URL begins with "${parsed.protocol}//". Set it to postgres://…`);
  }
  if (url.includes("#")) {
    throw new DatabaseUrlError('The database URL has a fragment, which is not used. Write "#" in a password as "%23".');
  }
  if (parsed.host.includes(",")) {
    throw new DatabaseUrlError(
      "The database URL names several hosts. Name one, such as a Service that leads to the primary.",
    );
  }
  return parsed;
}

function readTls(parameters: URLSearchParams, caFile: string | undefined): ClientConfig["ssl"] {
  const mode = parameters.get("sslmode") ?? "disable";
  const ca = caFile ?? parameters.get("sslrootcert") ?? undefined;
  switch (mode) {
    case "disable":
      if (ca === undefined) return undefined;
      throw new DatabaseUrlError(
        "A CA file is set, but the database URL does not demand TLS. Add ?sslmode=verify-full.",
      );
    case "require":
    case "verify-full":
      return certificates(parameters, ca);
    case "verify-ca":
      return { ...certificates(parameters, ca), checkServerIdentity: () => undefined };
    case "no-verify":
      return { ...certificates(parameters, ca), rejectUnauthorized: false };
    default:
      throw new DatabaseUrlError(
        `The database URL has sslmode=${mode}, which is not supported. Set disable, require, verify-ca or verify-full.`,
      );
  }
}

function certificates(parameters: URLSearchParams, ca: string | undefined) {
  const files = { ca, cert: parameters.get("sslcert") ?? undefined, key: parameters.get("sslkey") ?? undefined };
  return Object.fromEntries(Object.entries(files).flatMap(([name, path]) => (path ? [[name, readPem(path)]] : [])));
}

function readPem(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DatabaseUrlError(`The file ${path} for TLS to the database cannot be read: ${reason}`, { cause });
  }
}
