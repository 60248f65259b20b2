// Brings a nats-server into the cache, and prints its path. A process of its own: packages are installed meanwhile, and
// it runs under the pinned Node, which honours proxies and the system's certificates.

import { Failure } from "./bootstrap/say.mjs";
import { fetchNatsServer } from "./lib/fetch-nats-server.ts";

try {
  console.log(await fetchNatsServer(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}
