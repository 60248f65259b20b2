import { join } from "node:path";
import { type Leash, launchNats } from "@kontor/testing";
import type { Component } from "./component.ts";
import type { Ports } from "./ports.ts";

export function nats(dataDir: string, ports: Ports, tie: Leash): Component {
  const log: string[] = [];
  return {
    name: "nats",
    lastWords: () => log.slice(-12).join("\n"),
    start: () =>
      launchNats({
        storeDir: join(dataDir, "nats"),
        port: ports.nats,
        tie,
        onLog: (line) => void (log.push(line) > 50 && log.shift()),
      }),
  };
}
