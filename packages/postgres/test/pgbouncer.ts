import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chown, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { freePort, temporaryFolder } from "@kontor/testing";

/** Why tests of the pooler are skipped; undefined where PgBouncer is installed. */
export const noPgBouncer =
  spawnSync("pgbouncer", ["--version"]).status === 0 ? undefined : "PgBouncer is not installed (Debian: pgbouncer)";

/** Starts a PgBouncer in front of the server of `url`. Settings default to PgBouncer's. */
export async function startPgBouncer(url: string, settings: Readonly<Record<string, string>> = {}) {
  const server = new URL(url);
  const folder = await temporaryFolder("pgbouncer");
  const port = await freePort();
  const users = join(folder, "users.txt");
  const config = join(folder, "pgbouncer.ini");
  await writeFile(users, `"${server.username}" "${server.password}"\n`);
  const lines = {
    listen_addr: "127.0.0.1",
    listen_port: port,
    unix_socket_dir: "",
    auth_type: "plain",
    auth_file: users,
    ...settings,
  };
  await writeFile(
    config,
    `[databases]\n* = host=${server.hostname} port=${server.port}\n[pgbouncer]\n${Object.entries(lines)
      .map(([name, value]) => `${name} = ${value}`)
      .join("\n")}\n`,
  );
  // PgBouncer refuses to run as root.
  const root = process.getuid?.() === 0;
  const nobody = Number(spawnSync("id", ["-u", "nobody"], { encoding: "utf8" }).stdout);
  if (root) for (const path of [folder, users, config]) await chown(path, nobody, nobody);
  const child = spawn("pgbouncer", [config], { stdio: ["ignore", "ignore", "pipe"], ...(root && { uid: nobody }) });
  const log: string[] = [];
  await new Promise<void>((resolve, reject) => {
    createInterface(child.stderr).on("line", (line) => {
      log.push(line);
      if (line.includes("process up")) resolve();
    });
    child.once("exit", () => reject(new Error(`PgBouncer did not start:\n${log.join("\n")}`)));
  });
  const through = new URL(url);
  through.port = String(port);
  return {
    url: through.href,
    async stop() {
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}
