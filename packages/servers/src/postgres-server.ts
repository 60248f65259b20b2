import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { chown, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Ended, howEnded } from "./ended.ts";
import { freePort } from "./free-port.ts";
import { postgresPrograms, postgresUser, type RunAs } from "./postgres-binaries.ts";
import { reachableData, reachablePrograms } from "./reachable.ts";
import { untilReady } from "./until-ready.ts";
import { startWatchdog } from "./watchdog.ts";

/** A PostgreSQL server of one's own. */
export type PostgresServerOptions = {
  /** Its data; created when missing. For root it may become a link, see `reachableData`. */
  dataDir: string;
  /** Default: a free one. */
  port?: number;
  /** Of the superuser `postgres`, fixed when the data is created. Default: random, which suits data that is thrown away. */
  password?: string;
  /** Whether a power cut may lose nothing (default). Off is faster and fit for tests only. */
  durable?: boolean;
  /** Default 200. */
  maxConnections?: number;
  /** Settings of the server, such as `{ ssl: "on" }`. */
  settings?: Readonly<Record<string, string>>;
  /** A folder to delete when the server ends. */
  temporary?: string;
  /** Receives every line of the server's log. */
  onLog?: (line: string) => void;
};

/** A running PostgreSQL server. */
export type PostgresServer = {
  /** Superuser, database `postgres`. */
  readonly url: string;
  /** The port it listens on. */
  readonly port: number;
  /** Its process id. */
  readonly pid: number;
  /** Resolves when the server has ended, with how it did. */
  readonly ended: Promise<Ended>;
  /** Ends open sessions and waits for the server. Calling it again does nothing. */
  stop(signal?: NodeJS.Signals): Promise<void>;
};

/** Starts PostgreSQL on the loopback interface and waits until it accepts connections. It ends with this process, always. */
export async function launchPostgres(options: PostgresServerOptions): Promise<PostgresServer> {
  const { durable = true, maxConnections = 200, password = randomBytes(18).toString("hex") } = options;
  const { onLog = () => {} } = options;
  const user = postgresUser();
  const installed = postgresPrograms();
  const programs = reachablePrograms(installed.programs, installed.version, user);
  const dataDir = reachableData(options.dataDir, user);
  const version = await majorOf(dataDir);
  if (version === undefined) await initialise(programs, user, dataDir, password);
  else if (version !== major(installed.version)) throw new Error(otherMajor(dataDir, version, installed.version));

  const port = options.port ?? (await freePort());
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    port: String(port),
    max_connections: String(maxConnections),
    shared_buffers: "64MB",
    ...(durable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = spawn(join(programs, "postgres"), ["-D", dataDir, ...flags], {
    ...user,
    cwd: "/",
    env: { ...process.env, LC_ALL: "C" },
    stdio: ["ignore", "ignore", "pipe"],
    detached: true, // Ctrl-C in the terminal is for us: we end it in order.
  });
  const watchdog = startWatchdog({ signal: "SIGINT", remove: options.temporary });
  watchdog.hold(server);
  const ended = howEnded(server).then(async (how) => {
    if (options.temporary) await rm(options.temporary, { recursive: true, force: true });
    watchdog.release();
    return how;
  });

  await untilReady("PostgreSQL", server, "ready to accept", onLog); // "connections", or "read-only connections" of a replica.

  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    port,
    pid: server.pid ?? 0,
    ended,
    stop: async (signal = "SIGINT") => {
      server.kill(signal);
      await ended;
    },
  };
}

async function initialise(programs: string, user: RunAs, dataDir: string, password: string): Promise<void> {
  const unfinished = `${dataDir}.unfinished`; // Renamed when it is whole, so that an interrupted start leaves no half data.
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  const passwordFile = join(dataDir, "..", `.postgres-password-${process.pid}`);
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user.uid !== undefined && user.gid !== undefined) {
    await chown(unfinished, user.uid, user.gid);
    await chown(passwordFile, user.uid, user.gid);
  }
  const flags = ["--username=postgres", "--auth=scram-sha-256", `--pwfile=${passwordFile}`, "--encoding=UTF8"];
  const locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
  try {
    const initdb = spawn(join(programs, "initdb"), [`--pgdata=${unfinished}`, "--no-sync", ...flags, ...locale], {
      ...user,
      cwd: "/",
      env: { ...process.env, LC_ALL: "C" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let complaint = "";
    initdb.stderr.setEncoding("utf8").on("data", (text) => {
      complaint += text;
    });
    const [code] = await once(initdb, "close");
    if (code !== 0) throw new Error(`PostgreSQL could not create its data in ${dataDir}:\n${complaint}`);
    await rename(unfinished, dataDir);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** Returns the major version of PostgreSQL that created the data, undefined if there is none. */
async function majorOf(dataDir: string): Promise<string | undefined> {
  const text = await readFile(join(dataDir, "PG_VERSION"), "utf8").catch(() => undefined);
  return text?.trim();
}

const major = (version: string): string => version.split(".", 1)[0] ?? "";

function otherMajor(dataDir: string, version: string, installed: string): string {
  return (
    `The data in ${dataDir} is of PostgreSQL ${version}, and PostgreSQL ${installed} cannot read it. ` +
    `Take a dump with pg_dumpall of PostgreSQL ${version}, move the folder away and restore into an empty one, or start with another data folder.`
  );
}
