import { join } from "node:path";
import { launchPostgres } from "@kontor/servers";
import pg from "pg";
import type { Secrets } from "../data/secrets.ts";
import type { Component } from "./component.ts";
import type { Ports } from "./ports.ts";

/** Returns the database server, with a database and two login roles for each service: one owns and migrates, one runs. */
export function postgres(
  dataDir: string,
  ports: Ports,
  secrets: Secrets,
  settings: Readonly<Record<string, string>> = {},
): Component {
  const log: string[] = [];
  return {
    name: "postgres",
    lastWords: () => log.slice(-12).join("\n"),
    start: async () => {
      const server = await launchPostgres({
        dataDir: join(dataDir, "postgres"),
        port: ports.postgres,
        password: secrets.postgres,
        settings,
        onLog: (line) => void (log.push(line) > 50 && log.shift()),
      });
      await createDatabases(server.url, secrets);
      return server;
    },
  };
}

type Service = keyof Secrets["databases"];

/** Returns the URL with the role that a service runs as. */
export function databaseUrl(service: Service, ports: Ports, secrets: Secrets): string {
  return `postgres://${runRole(service)}:${secrets.runRoles[service]}@127.0.0.1:${ports.postgres}/${service}`;
}

/** Returns the URL with the role that owns a service's database. */
export function ownerUrl(service: Service, ports: Ports, secrets: Secrets): string {
  return `postgres://${service}:${secrets.databases[service]}@127.0.0.1:${ports.postgres}/${service}`;
}

const runRole = (service: string) => `${service}_run`;

/**
 * Creates missing roles and databases: each role connects to one database. The service that migrates grants the role that runs its rights.
 */
async function createDatabases(url: string, { databases, runRoles }: Secrets): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query("SELECT rolname FROM pg_roles");
    const roles = new Set(rows.map(({ rolname }) => String(rolname)));
    await client.query("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC");
    const createRole = (role: string, password: string) =>
      client.query(`${roles.has(role) ? "ALTER" : "CREATE"} ROLE "${role}" LOGIN PASSWORD '${password}'`);
    for (const [service, password] of Object.entries(runRoles)) await createRole(runRole(service), password);
    for (const [service, password] of Object.entries(databases)) {
      await createRole(service, password);
      const existing = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [service]);
      if (existing.rowCount === 0) await client.query(`CREATE DATABASE "${service}" OWNER "${service}"`);
      await client.query(`REVOKE CONNECT ON DATABASE "${service}" FROM PUBLIC`);
    }
  } finally {
    await client.end();
  }
}
