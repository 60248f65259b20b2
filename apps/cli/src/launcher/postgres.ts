import { join } from "node:path";
import { launchPostgres } from "@kontor/testing";
import pg from "pg";
import type { Component } from "./component.ts";
import type { Ports } from "./ports.ts";
import type { Secrets } from "./secrets.ts";

/** The database server, with a database and a login role for each service. */
export function postgres(dataDir: string, ports: Ports, secrets: Secrets): Component {
  const log: string[] = [];
  return {
    name: "postgres",
    lastWords: () => log.slice(-12).join("\n"),
    start: async () => {
      const server = await launchPostgres({
        dataDir: join(dataDir, "postgres"),
        port: ports.postgres,
        password: secrets.postgres,
        onLog: (line) => void (log.push(line) > 50 && log.shift()),
      });
      await createDatabases(server.url, secrets.databases);
      return server;
    },
  };
}

export function databaseUrl(service: keyof Secrets["databases"], ports: Ports, secrets: Secrets): string {
  return `postgres://${service}:${secrets.databases[service]}@127.0.0.1:${ports.postgres}/${service}`;
}

/** A role owns its database and cannot connect to any other. */
async function createDatabases(url: string, passwords: Secrets["databases"]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ rolname: string }>("SELECT rolname FROM pg_roles");
    const roles = new Set(rows.map((row) => row.rolname));
    await client.query("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC");
    for (const [service, password] of Object.entries(passwords)) {
      const login = `ROLE "${service}" LOGIN PASSWORD '${password}'`;
      await client.query(`${roles.has(service) ? "ALTER" : "CREATE"} ${login}`);
      const existing = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [service]);
      if (existing.rowCount === 0) await client.query(`CREATE DATABASE "${service}" OWNER "${service}"`);
      await client.query(`REVOKE CONNECT ON DATABASE "${service}" FROM PUBLIC`);
    }
  } finally {
    await client.end();
  }
}
