import { spawn } from "node:child_process";
import { findNatsServer } from "../../../scripts/bootstrap/find-nats-server.mjs";
import { type Ended, howEnded } from "./ended.ts";
import { freePort } from "./free-port.ts";
import { untilReady } from "./until-ready.ts";
import { startWatchdog, type Watchdog } from "./watchdog.ts";

/** A nats-server of one's own. */
export type NatsServerOptions = {
  /** Where JetStream keeps its streams. */
  storeDir: string;
  /** Default: a free one. */
  port?: number;
  /** Receives every line of the server's log. */
  onLog?: (line: string) => void;
  /** More arguments. */
  more?: readonly string[];
  /** Ends the server with this process. Default: a new watchdog. */
  watchdog?: Watchdog;
};

/** A running nats-server. */
export type NatsServer = {
  /** Where clients connect. */
  readonly url: string;
  /** The port it listens on. */
  readonly port: number;
  /** Its process id. */
  readonly pid: number;
  /** Resolves when the server has ended, with how it did. */
  readonly ended: Promise<Ended>;
  /** Ends the server and waits for it: in order, or with SIGKILL as a crash would. Calling it again does nothing. */
  stop(signal?: NodeJS.Signals): Promise<void>;
};

/** Starts nats-server with JetStream on the loopback interface and waits until it is ready. It ends with this process, always. */
export async function launchNats({ storeDir, onLog = () => {}, ...options }: NatsServerOptions): Promise<NatsServer> {
  const port = options.port ?? (await freePort());
  const args = [
    "--addr",
    "127.0.0.1",
    "--port",
    String(port),
    "--jetstream",
    "--store_dir",
    storeDir,
    ...(options.more ?? []),
  ];
  // Detached: Ctrl-C in the terminal reaches only this process, which stops the server in order.
  const server = spawn(natsServer(), args, { stdio: ["ignore", "ignore", "pipe"], detached: true });
  const watchdog = options.watchdog ?? startWatchdog({ signal: "SIGTERM" });
  watchdog.hold(server);
  const ended = howEnded(server).then((how) => {
    if (options.watchdog === undefined) watchdog.release();
    return how;
  });

  await untilReady("nats-server", server, "Server is ready", onLog);
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    pid: server.pid ?? 0,
    ended,
    stop: async (signal = "SIGTERM") => {
      server.kill(signal);
      await ended;
    },
  };
}

function natsServer(): string {
  const { path, rejected } = findNatsServer();
  if (path) return path;
  throw new Error(["No nats-server found. `npm test` and `npm start` fetch one.", ...rejected].join("\n"));
}
