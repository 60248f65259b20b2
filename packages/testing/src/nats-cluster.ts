import { freePort } from "@kontor/servers";
import { type Nats, startNats } from "./nats.ts";

/** Servers of one NATS cluster. */
export type NatsCluster = {
  /** Of all servers. */
  readonly urls: readonly string[];
  /** By name: `n1`, `n2` … */
  readonly servers: ReadonlyMap<string, Nats>;
  /** Ends all servers in order. */
  stop(): Promise<void>;
};

/** Starts a NATS cluster on the loopback interface. Wait until it has elected its leader before creating streams. */
export async function startNatsCluster(size = 3): Promise<NatsCluster> {
  const names = Array.from({ length: size }, (_, index) => `n${index + 1}`);
  const ports = await Promise.all(names.map(() => freePort()));
  const routes = ports.map((port) => `nats://127.0.0.1:${port}`).join(",");
  const started = await Promise.all(
    names.map(async (name, index) => {
      const place = ["--cluster", `nats://127.0.0.1:${ports[index]}`, "--routes", routes];
      const more = ["--server_name", name, "--cluster_name", "kontor", ...place];
      return [name, await startNats({ more })] as const;
    }),
  );
  const servers = new Map(started);
  return {
    urls: started.map(([, { url }]) => url),
    servers,
    stop: async () => void (await Promise.all([...servers.values()].map((server) => server.stop()))),
  };
}
