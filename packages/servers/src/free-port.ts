import { once } from "node:events";
import { createServer } from "node:net";

// Below the ports that systems hand out for outgoing connections (Linux: from 32768), which may take any of those between this check and
// the start of the server. Each test worker has its own range.
const FIRST = 10_000;
const RANGE = 2_500;
const RANGES = 8;
const given = new Set<number>();

/** Resolves to a port without a listener. Each call in a process returns another. */
export async function freePort(): Promise<number> {
  const worker = Number(process.env.VITEST_POOL_ID ?? process.pid) % RANGES;
  for (let tries = 0; tries < RANGE; tries += 1) {
    const port = FIRST + worker * RANGE + Math.floor(Math.random() * RANGE);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`No port from ${FIRST + worker * RANGE} on is free.`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
