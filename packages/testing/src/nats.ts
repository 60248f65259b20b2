import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { findNatsServer } from "../../../scripts/lib/find-nats-server.mjs";
import { freePort } from "./free-port.ts";
import { leash } from "./leash.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** A nats-server of one's own. */
export type NatsOptions = {
  /** Default: a new folder that is deleted at the end. */
  storeDir?: string;
  /** Default: a free one. */
  port?: number;
  /** Hears every line of the server's log. */
  onLog?: (line: string) => void;
};

/** A nats-server with JetStream whose life the caller commands. */
export type Nats = {
  readonly url: string;
  readonly port: number;
  readonly storeDir: string;
  /** The process now running, if one is. */
  readonly pid: number | undefined;
  /** Ends the server in order; its store stays until the process ends. */
  stop(): Promise<void>;
  /** Ends the server as a crash would (SIGKILL). */
  kill(): Promise<void>;
  /** Starts the server again, or for the first time after `stop` or `kill`, on the same port and store. */
  restart(): Promise<void>;
  /** Loses every stream and consumer: stops, deletes the store, starts. */
  wipe(): Promise<void>;
};

/** Starts nats-server with JetStream on the loopback interface. It ends with this process, always. */
export async function startNats(options: NatsOptions = {}): Promise<Nats> {
  const program = natsServer();
  const port = options.port ?? (await freePort());
  const folder = options.storeDir === undefined ? await temporaryFolder("nats") : undefined;
  const storeDir = options.storeDir ?? join(folder ?? "", "store");
  const tie = leash({ signal: "SIGTERM", remove: folder });
  let server: ChildProcess | undefined;

  const start = async (): Promise<void> => {
    const args = ["--addr", "127.0.0.1", "--port", String(port), "--jetstream", "--store_dir", storeDir];
    server = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"], detached: true });
    tie.hold(server);
    await ready(server, options.onLog);
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = server;
    server = undefined;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const gone = once(ending, "exit");
    ending.kill(signal);
    await gone;
  };
  await start();
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    storeDir,
    get pid() {
      return server?.pid;
    },
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    restart: async () => {
      await end("SIGTERM");
      await start();
    },
    wipe: async () => {
      await end("SIGTERM");
      await rm(storeDir, { recursive: true, force: true });
      await start();
    },
  };
}

function natsServer(): string {
  const { path, rejected } = findNatsServer();
  if (path) return path;
  throw new Error(["No nats-server found. `npm test` and `npm start` fetch one.", ...rejected].join("\n"));
}

function ready(server: ChildProcess, onLog: (line: string) => void = () => {}): Promise<void> {
  const log: string[] = [];
  return new Promise((resolve, reject) => {
    if (server.stderr === null) return reject(new Error("nats-server was started without a log."));
    createInterface(server.stderr).on("line", (line) => {
      onLog(line);
      if (log.length < 20) log.push(line);
      if (line.includes("Server is ready")) resolve();
    });
    server.once("error", reject);
    server.once("exit", () => reject(new Error(`nats-server did not start:\n${log.join("\n")}`)));
  });
}
