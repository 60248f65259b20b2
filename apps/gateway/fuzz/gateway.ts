import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const onlooker = new URL("tell-memory.ts", import.meta.url).href;

/** Returns the memory of a process after garbage collection, in MiB. */
export interface Memory {
  /** Objects and buffers. */
  readonly held: number;
  /** Resident memory. */
  readonly rss: number;
}

/** The gateway as a separate process, so that a crash is visible and its memory can be measured. */
export interface Gateway {
  readonly port: number;
  /** The errors that it logged. */
  readonly errors: readonly string[];
  alive(): boolean;
  memory(): Promise<Memory>;
  /** Its exit code. */
  stop(): Promise<number | null>;
}

/** How a gateway is started. */
export interface GatewayOptions {
  readonly upstreamPort: number;
  readonly descriptors: string | undefined;
  /** The issuer of tokens; undefined to require none. */
  readonly issuer: string | undefined;
}

/** Far more than any run sends, but for one class that is soon exhausted. */
const plenty = { limit: 1_000_000_000 };
const rateLimits = { default: plenty, orders: plenty, webhooks: plenty };

export async function startGateway({ upstreamPort, descriptors, issuer }: GatewayOptions): Promise<Gateway> {
  const env = {
    PATH: process.env.PATH,
    GATEWAY_PORT: "0",
    GATEWAY_AUTH: issuer === undefined ? "off" : "on",
    GATEWAY_UPSTREAMS: JSON.stringify({ "*": `127.0.0.1:${upstreamPort}` }),
    GATEWAY_RATE_LIMITS: JSON.stringify(rateLimits),
    CACHE_BYTES: "1000000",
    KONTOR_EXIT_WITH_PARENT: "1",
    ...(issuer !== undefined && { TOKEN_ISSUER: issuer }),
    ...(descriptors !== undefined && { GATEWAY_DESCRIPTORS: descriptors }),
  };
  const child = spawn(process.execPath, ["--expose-gc", "--import", onlooker, main], {
    env,
    stdio: ["pipe", "pipe", "pipe", "ipc"],
  });
  const errors: string[] = [];
  const exit = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const port = await new Promise<number>((resolve, reject) => {
    let rest = "";
    const onLog = (chunk: Buffer) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const found = /"port":(\d+),"routes"/.exec(line)?.[1];
        if (found !== undefined) resolve(Number(found));
        if (/"level":("error"|"fatal"|50|60)/.test(line) && errors.length < 100) errors.push(line.slice(0, 2_000));
      }
    };
    child.stdout?.on("data", onLog);
    child.stderr?.on("data", (chunk: Buffer) => errors.push(chunk.toString().slice(0, 2_000)));
    void exit.then(() => reject(new Error(`The gateway did not start: ${errors.join("\n")}`)));
  });
  return {
    port,
    errors,
    alive: () => child.exitCode === null,
    async memory() {
      const told = new Promise<Memory>((resolve) => child.once("message", (memory) => resolve(memory as Memory)));
      if (child.connected) child.send("memory?");
      return Promise.race([told, exit.then(() => ({ held: 0, rss: 0 }))]);
    },
    stop() {
      child.kill("SIGTERM");
      return exit;
    },
  };
}
