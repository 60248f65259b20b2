import { spawnSync } from "node:child_process";
import { chmodSync, chownSync } from "node:fs";
import { join } from "node:path";
import { launchPostgres, type PostgresServer } from "@kontor/servers";
import { createCertificates, noOpenSsl, rowsOf, temporaryFolder } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readDatabaseUrl, userOf } from "./database-url.ts";
import { DatabaseUrlError, migrate, openDatabase } from "./index.ts";

const base = "postgres://orders:p%40ss@db.example.com:6432/orders";

describe("a database URL", () => {
  it("names the role, the server and the database", () => {
    expect(readDatabaseUrl({ url: base })).toEqual({ connectionString: base });
    expect(userOf(base)).toBe("orders");
  });

  it.each([
    ["?pool_timeout=3", 'has the parameter "pool_timeout", which is not supported'],
    ["?options=-c%20jit%3Doff", 'has the parameter "options"'],
    ["#orders", 'has a fragment, which is not used. Write "#" in a password as "%23".'],
    ["?sslmode=verify-full#", "has a fragment"],
    ["?sslmode=prefer", "has sslmode=prefer, which is not supported. Set disable, require, verify-ca or verify-full."],
    [
      "?sslmode=verify-full&sslrootcert=/nowhere/ca.crt",
      "The file /nowhere/ca.crt for TLS to the database cannot be read",
    ],
  ])("with %s is refused by name", (query, message) => {
    expect(() => readDatabaseUrl({ url: base + query })).toThrow(message);
    expect(() => readDatabaseUrl({ url: base + query })).toThrow(DatabaseUrlError);
  });

  it("is refused without showing the password", () => {
    for (const url of ["mysql://a:hunter2@b/c", "postgres://a:hunter2@one,two/c", "a:hunter2@b"]) {
      expect(() => openDatabase({ url, service: "test" })).toThrow(DatabaseUrlError);
      expect(() => openDatabase({ url, service: "test" })).not.toThrow("hunter2");
    }
  });

  it("without TLS is refused where a CA file is set", () => {
    expect(() => readDatabaseUrl({ url: base, caFile: "/ca.crt" })).toThrow("Add ?sslmode=verify-full.");
  });
});

describe.skipIf(noOpenSsl)(
  `a server with a certificate of a private CA${noOpenSsl ? ` (skipped: ${noOpenSsl})` : ""}`,
  () => {
    let server: PostgresServer;
    let ca: string;
    beforeAll(async () => {
      const folder = await temporaryFolder("tls");
      const files = createCertificates(folder);
      ca = files.ca;
      if (process.getuid?.() === 0) {
        const id = (flag: string) => Number(spawnSync("sh", ["-c", `id ${flag} postgres || id ${flag} nobody`]).stdout);
        for (const path of [files.key, files.cert]) chownSync(path, id("-u"), id("-g"));
      }
      chmodSync(files.key, 0o600);
      server = await launchPostgres({
        dataDir: join(folder, "data"),
        durable: false,
        temporary: folder,
        settings: { ssl: "on", ssl_cert_file: files.cert, ssl_key_file: files.key, listen_addresses: "localhost" },
      });
    });
    afterAll(() => server.stop());

    const urlOf = (mode: string, host = "localhost") => `${server.url.replace("127.0.0.1", host)}?sslmode=${mode}`;

    async function encrypted(url: string, caFile?: string): Promise<unknown> {
      const db = openDatabase({ url, caFile, service: "tls" });
      try {
        const [row] = await rowsOf<{ ssl: boolean }>(db, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
        return row?.ssl;
      } catch (error) {
        const { reason, cause } = error as { reason?: string; cause?: { code?: string } };
        return [reason, cause?.code];
      } finally {
        await db.close();
      }
    }

    it("is reached with the CA's file", async () => {
      for (const mode of ["require", "verify-ca", "verify-full"]) expect(await encrypted(urlOf(mode), ca)).toBe(true);
      expect(await encrypted(`${urlOf("verify-full")}&sslrootcert=${ca}`)).toBe(true);
      expect(await encrypted(urlOf("disable"))).toBe(false);
    });

    it("is not trusted without it, and the failure names the setting", async () => {
      expect(await encrypted(urlOf("require"))).toEqual(["DATABASE_UNAVAILABLE", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"]);
      const log = { info: () => undefined };
      await expect(migrate({ url: urlOf("require"), folders: [import.meta.dirname], log })).rejects.toThrow(
        "Set DATABASE_CA_FILE to the CA of the server's certificate.",
      );
    });

    it("is refused by verify-full under another name, and accepted by verify-ca", async () => {
      expect(await encrypted(urlOf("verify-full", "127.0.0.1"), ca)).toEqual([
        "DATABASE_UNAVAILABLE",
        "ERR_TLS_CERT_ALTNAME_INVALID",
      ]);
      expect(await encrypted(urlOf("verify-ca", "127.0.0.1"), ca)).toBe(true);
    });
  },
);
