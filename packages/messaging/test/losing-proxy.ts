import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";

/** A TCP proxy in front of PostgreSQL that can lose one response to COMMIT, after the commit took effect. */
export interface LosingProxy {
  /** URL of the database through the proxy. */
  readonly url: string;
  /** Loses the next response to COMMIT, and ends that connection. */
  loseNextCommit(): void;
  /** The number of lost responses. */
  lost(): number;
  close(): void;
}

/** Starts the proxy for the database of a URL. */
export async function startLosingProxy(databaseUrl: string): Promise<LosingProxy> {
  const target = new URL(databaseUrl);
  let armed = false;
  let lost = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    client.on("error", end).on("close", end);
    upstream.on("error", end).on("close", end);
    client.pipe(upstream);
    upstream.on("data", (data) => {
      if (armed && data.includes("COMMIT\0")) {
        armed = false;
        lost += 1;
        end();
      } else client.write(data);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(databaseUrl);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    loseNextCommit: () => {
      armed = true;
    },
    lost: () => lost,
    close: () => void server.close(),
  };
}
