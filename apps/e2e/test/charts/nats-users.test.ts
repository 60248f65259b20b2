import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectOptions, natsUsers } from "@kontor/nats";
import { topology } from "@kontor/shop";
import { startNats, temporaryFolder } from "@kontor/testing";
import { connect } from "@nats-io/transport-node";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { helms, render } from "./helm.ts";

type Rendered = { kind: string; metadata: { name: string }; data?: Record<string, string> };

/** Starts a NATS server with the configuration that the chart renders. */
async function startRendered(helm: string, ...args: string[]) {
  const objects = parseAllDocuments(render(helm, ...args)).map((document) => document.toJS() as Rendered | null);
  const named = (kind: string) =>
    objects.find((one) => one?.kind === kind && one.metadata.name === "kontor-nats")?.data;
  const secret = named("Secret") ?? {};
  const decoded = (key: string) => Buffer.from(secret[key] ?? "", "base64").toString();
  const folder = await temporaryFolder("chart");
  const conf = named("ConfigMap")?.["nats.conf"] ?? "";
  const local = conf.replace(/^http: .*$/m, "").replace(/^jetstream .*$/m, "");
  writeFileSync(join(folder, "nats.conf"), local);
  writeFileSync(join(folder, "users.conf"), decoded("users.conf"));
  return { server: await startNats({ more: ["--config", join(folder, "nats.conf")] }), password: decoded };
}

if (helms.length === 0)
  describe.skip("the chart's NATS: skipped, for there is no helm in PATH", () => it("knows its users", () => {}));

describe.each(helms)("the NATS server of the chart, by %s", (helm) => {
  it("knows each user by the password in its Secret, and refuses clients without credentials", async () => {
    const { server, password } = await startRendered(helm);
    try {
      for (const { name } of natsUsers(topology)) {
        const config = { natsUrl: [server.url], natsUser: name, natsPassword: password(name) };
        await (await connect({ ...connectOptions(name, config), reconnect: false })).close();
      }
      await expect(connect({ servers: server.url, reconnect: false })).rejects.toThrow(/Authorization Violation/i);
    } finally {
      await server.stop();
    }
  });

  it("accepts clients without credentials if values allow them", async () => {
    const { server, password } = await startRendered(helm, "--set", "nats.anonymous=accept");
    try {
      await (await connect({ servers: server.url, reconnect: false })).close();
      const config = { natsUrl: [server.url], natsUser: "orders", natsPassword: password("orders") };
      await (await connect(connectOptions("orders", config))).close();
    } finally {
      await server.stop();
    }
  });

  it("gives the gateway and every service its user, and an external NATS the users in values", () => {
    const own = [
      "nats.enabled=false",
      "global.natsUrl=tls://nats:4222",
      "global.natsSecret=mine",
      "global.natsCa.secret=ca",
    ];
    const rendered = render(helm, ...own.flatMap((value) => ["--set", value]));
    const bundled = render(helm);
    for (const { name } of natsUsers(topology).filter((user) => user.name !== "operator")) {
      expect(bundled).toContain(`secretKeyRef: { name: kontor-nats, key: ${name} }`);
      expect(rendered).toContain(`secretKeyRef: { name: mine, key: ${name} }`);
    }
    expect(rendered).toContain("value: /etc/nats-ca/ca.crt");
    expect(rendered).not.toContain("kontor-nats");
  });
});
