import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { natsUsers, OPERATOR, serverUsers } from "@kontor/nats";
import { launchNats, type Watchdog } from "@kontor/servers";
import { topology } from "@kontor/shop/processes";
import { hashSync } from "bcryptjs";
import type { Secrets } from "../data/secrets.ts";
import type { Component } from "./component.ts";
import type { Ports } from "./ports.ts";

/** Cost of the hashes in the server's file. The passwords are random, so a low one is as safe and every log-in is quick. */
const BCRYPT_ROUNDS = 4;

/** The NATS server of this installation, which knows the users of the topology only. */
export function nats(dataDir: string, ports: Ports, secrets: Secrets, watchdog: Watchdog): Component {
  const log: string[] = [];
  return {
    name: "nats",
    lastWords: () => log.slice(-12).join("\n"),
    start: () =>
      launchNats({
        storeDir: join(dataDir, "nats"),
        port: ports.nats,
        more: ["--config", configFile(dataDir, secrets)],
        watchdog,
        onLog: (line) => void (log.push(line) > 50 && log.shift()),
      }),
  };
}

/** The URL of the NATS server for one of its users; by default the operator's. */
export function natsUrl(ports: Ports, secrets: Secrets, user = OPERATOR): string {
  return `nats://${user}:${passwordOf(secrets, user)}@127.0.0.1:${ports.nats}`;
}

function configFile(dataDir: string, secrets: Secrets): string {
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, "nats.conf");
  const hashOf = (user: string) => hashSync(passwordOf(secrets, user), BCRYPT_ROUNDS);
  writeFileSync(path, serverUsers(natsUsers(topology), hashOf), { mode: 0o600 });
  return path;
}

function passwordOf(secrets: Secrets, user: string): string {
  const password = secrets.nats[user];
  if (password === undefined) throw new Error(`There is no NATS user ${user}.`);
  return password;
}
