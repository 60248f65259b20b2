export { eventually } from "./eventually.ts";
export { type FakeSlice, readySlice, startFakeApiServer } from "./fake-api-server.ts";
export { freePort } from "./free-port.ts";
export { createIssuer, type Issuer } from "./issuer.ts";
export { type Leash, type LeashOptions, leash } from "./leash.ts";
export { type Nats, type NatsOptions, startNats } from "./nats.ts";
export { launchNats, type NatsServer, type NatsServerOptions } from "./nats-server.ts";
export { type DatabaseOptions, type Postgres, startPostgres, type TestDatabase } from "./postgres.ts";
export { launchPostgres, type PostgresServer, type PostgresServerOptions } from "./postgres-server.ts";
