import { rm } from "node:fs/promises";
import { join } from "node:path";
import { freePort, launchNats, type NatsServer, startWatchdog } from "@kontor/servers";
import { temporaryFolder } from "./temporary-folder.ts";

/** A nats-server of one's own. */
export type NatsOptions = {
  /** Default: a new folder that is deleted at the end. */
  storeDir?: string;
  /** Default: a free one. */
  port?: number;
  /** Receives every line of the server's log. */
  onLog?: (line: string) => void;
  /** More arguments, such as those of a cluster. */
  more?: readonly string[];
};

/** A nats-server with JetStream whose life the caller commands. */
export type Nats = {
  /** Where clients connect. */
  readonly url: string;
  /** The same port after each restart. */
  readonly port: number;
  /** Where JetStream keeps its streams. */
  readonly storeDir: string;
  /** The process now running, if one is. */
  readonly pid: number | undefined;
  /** Ends the server in order; its store remains until this process ends. */
  stop(): Promise<void>;
  /** Ends the server as a crash would (SIGKILL). */
  kill(): Promise<void>;
  /** Starts the server again, after `stop` or `kill` too, on the same port and store. */
  restart(): Promise<void>;
  /** Loses every stream and consumer: stops, deletes the store, starts. */
  wipe(): Promise<void>;
};

/**
 * Starts nats-server with JetStream on the loopback interface. It ends with this process, always.
 *
 * ```ts
 * const nats = await startNats();
 * await nats.kill(); // As a crash; the streams are still in its store.
 * await nats.restart();
 * await nats.stop();
 * ```
 */
export async function startNats(options: NatsOptions = {}): Promise<Nats> {
  const port = options.port ?? (await freePort());
  const folder = options.storeDir ?? (await temporaryFolder("nats"));
  const storeDir = join(folder, "store");
  const watchdog = startWatchdog({ signal: "SIGTERM", remove: options.storeDir === undefined ? folder : undefined });
  const start = () => launchNats({ ...options, storeDir, port, watchdog });
  let server: NatsServer | undefined = await start();

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = server;
    server = undefined;
    await ending?.stop(signal);
  };
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
      server = await start();
    },
    wipe: async () => {
      await end("SIGTERM");
      await rm(storeDir, { recursive: true, force: true });
      server = await start();
    },
  };
}
