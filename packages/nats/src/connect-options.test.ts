import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "@kontor/config";
import { startNats } from "@kontor/testing";
import { connect } from "@nats-io/transport-node";
import { describe, expect, it } from "vitest";
import { connectOptions, natsSettings } from "./index.ts";

const settings = natsSettings(["nats://127.0.0.1:4222"]);
const read = (environment: Record<string, string>) => connectOptions("orders", readConfig(settings, environment));
const problemOf = (environment: Record<string, string>) => {
  try {
    read(environment);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error("The settings were accepted.");
};

describe("the settings of NATS", () => {
  it("name the client, its inbox and the servers, with the default port", () => {
    expect(read({ NATS_URL: "nats://one, nats://two:5222" })).toEqual({
      name: "orders",
      inboxPrefix: "_INBOX.orders",
      servers: ["one:4222", "two:5222"],
    });
    expect(read({}).servers).toEqual(["127.0.0.1:4222"]);
    expect(read({ NATS_URL: "nats://[::1]:4222" }).servers).toEqual(["[::1]:4222"]);
  });

  it.each([
    ["nats://a:s3cret@host", { user: "a", pass: "s3cret" }],
    ["nats://a:123abc@host", { user: "a", pass: "123abc" }],
    ["nats://a%40b:p%3Aw%2F@host", { user: "a@b", pass: "p:w/" }],
    ["nats://token@host", { token: "token" }],
    ["nats://a:b@one,nats://a:b@two", { user: "a", pass: "b" }],
  ])("use the user information of %s", (NATS_URL, expected) => {
    expect(read({ NATS_URL })).toMatchObject(expected);
  });

  it("take user, password and files of TLS from separate variables", () => {
    const tls = { NATS_CA_FILE: "/ca.pem", NATS_CERT_FILE: "/cert.pem", NATS_KEY_FILE: "/key.pem" };
    expect(read({ NATS_USER: "a", NATS_PASSWORD: "b", ...tls })).toMatchObject({
      user: "a",
      pass: "b",
      tls: { caFile: "/ca.pem", certFile: "/cert.pem", keyFile: "/key.pem" },
    });
    expect(read({ NATS_URL: "tls://host" })).toMatchObject({ tls: {} });
  });

  it.each([
    [{ NATS_URL: "host:4222" }, "NATS_URL is not a URL that starts with nats:// or tls://"],
    [{ NATS_URL: "ws://host" }, "NATS_URL is not a URL that starts with nats:// or tls://"],
    [{ NATS_URL: "nats://host/path" }, "NATS_URL holds a path, which is not used"],
    [{ NATS_URL: "nats://host?tls=true" }, "NATS_URL holds the query parameter tls, which is not used"],
    [{ NATS_URL: "nats://host#x" }, "NATS_URL holds a fragment, which is not used"],
    [{ NATS_URL: "nats://a:b@one,nats://c:d@two" }, "NATS_URL holds different user information"],
    [{ NATS_URL: "nats://one,tls://two" }, "NATS_URL names servers with and without TLS"],
    [{ NATS_URL: "nats://a:b@host", NATS_USER: "c" }, "NATS_USER is set although NATS_URL holds user information"],
    [{ NATS_PASSWORD: "s3cret" }, "NATS_PASSWORD is set without NATS_USER"],
    [{ NATS_CERT_FILE: "/cert.pem" }, "NATS_CERT_FILE is set without NATS_KEY_FILE"],
    [{ NATS_KEY_FILE: "/key.pem" }, "NATS_KEY_FILE is set without NATS_CERT_FILE"],
  ])("refuse %j by name, without its secrets", (environment, expected) => {
    const problem = problemOf(environment);
    expect(problem).toContain(expected);
    expect(problem).not.toContain("s3cret");
  });
});

describe("tls://", () => {
  it("connects with TLS to a server of the given CA, and to no server without TLS", async () => {
    const folder = mkdtempSync(join(tmpdir(), "nats-tls-"));
    const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
    execFileSync(
      "openssl",
      ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...subject, "-keyout", key, "-out", cert],
      {
        stdio: "ignore",
      },
    );
    const [secured, plain] = await Promise.all([
      startNats({ more: ["--tls", "--tlscert", cert, "--tlskey", key] }),
      startNats(),
    ]);
    const url = (port: number) => ({ NATS_URL: `tls://localhost:${port}` });
    try {
      const nc = await connect(read({ ...url(secured.port), NATS_CA_FILE: cert }));
      expect(nc.info?.tls_required).toBe(true);
      await nc.close();
      await expect(connect(read(url(secured.port)))).rejects.toThrow(/self.signed/);
      await expect(connect(read(url(plain.port)))).rejects.toThrow(/does not support 'tls'/);
    } finally {
      await Promise.all([secured.stop(), plain.stop()]);
    }
  });
});
