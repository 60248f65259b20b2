import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

/** The gateway as a process of its own, so that a crash is one and its memory is its own. */
export interface Gateway {
  readonly port: number;
  /** What it logged as an error. */
  readonly errors: readonly string[];
  alive(): boolean;
  /** Resident memory in MiB; 0 where /proc is not. */
  memory(): number;
  /** Its exit code. */
  stop(): Promise<number | null>;
}

export async function startGateway(upstreamPort: number, descriptors: string | undefined): Promise<Gateway> {
  const env = {
    PATH: process.env.PATH,
    GATEWAY_PORT: "0",
    GATEWAY_AUTH: "off",
    GATEWAY_UPSTREAMS: JSON.stringify({ "*": `127.0.0.1:${upstreamPort}` }),
    KONTOR_EXIT_WITH_PARENT: "1",
    ...(descriptors !== undefined && { GATEWAY_DESCRIPTORS: descriptors }),
  };
  const child = spawn(process.execPath, [main], { env, stdio: ["pipe", "pipe", "pipe"] });
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
    child.stdout.on("data", onLog);
    child.stderr.on("data", (chunk: Buffer) => errors.push(chunk.toString().slice(0, 2_000)));
    void exit.then(() => reject(new Error(`The gateway did not start: ${errors.join("\n")}`)));
  });
  return {
    port,
    errors,
    alive: () => child.exitCode === null,
    memory() {
      try {
        return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]) / 1024);
      } catch {
        return 0;
      }
    },
    stop() {
      child.kill("SIGTERM");
      return exit;
    },
  };
}
