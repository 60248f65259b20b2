export { type Ended, howEnded } from "./ended.ts";
export { freePort } from "./free-port.ts";
export { launchNats, type NatsServer, type NatsServerOptions } from "./nats-server.ts";
export { postgresUser } from "./postgres-binaries.ts";
export { launchPostgres, type PostgresServer, type PostgresServerOptions } from "./postgres-server.ts";
export { startWatchdog, type Watchdog, type WatchdogOptions } from "./watchdog.ts";
