import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectOptions, natsUsers, OPERATOR, serverUsers } from "@kontor/nats";
import { type Nats, startNats, temporaryFolder } from "@kontor/testing";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { topology } from "../src/topology.ts";

const users = natsUsers(topology);
const names = users.map(({ name }) => name);
const password = (user: string) => `secret of ${user}`;
const { streams, consumers, edges } = topology;
const events = [
  ...new Set([...consumers.flatMap((one) => one.events), ...streams.map((one) => `${one.package}.Anything`)]),
];

/** Every subject that some user may publish to, as one that matches it, and some that none may. */
const publishable = [
  ...new Set(users.flatMap(({ publish }) => publish.map((subject) => subject.replace(/>$/, "x")))),
  ...events,
  "$JS.API.STREAM.DELETE.orders",
  "$JS.API.STREAM.PURGE.orders",
  "$JS.API.STREAM.LIST",
  "$JS.API.CONSUMER.CREATE.orders",
  "$JS.API.CONSUMER.CREATE.orders.spy",
  "$JS.API.CONSUMER.DURABLE.CREATE.orders.spy",
  "$JS.API.DIRECT.GET.orders",
  "$SYS.REQ.SERVER.PING",
  "kontor.unknown.v1.Anything",
  ...names.map((name) => `_INBOX.${name}.x`),
];
const subscribable = [
  ">",
  "kontor.>",
  "_INBOX.>",
  "$JS.>",
  "$KV.>",
  "kontor-gateway.>",
  ...events,
  ...names.map((name) => `_INBOX.${name}.>`),
];

let server: Nats;
beforeAll(async () => {
  const config = join(await temporaryFolder("rights"), "nats.conf");
  writeFileSync(config, serverUsers(users, password));
  server = await startNats({ more: ["--config", config] });
});
afterAll(() => server.stop());

const open = (user: string) =>
  connect({
    ...connectOptions(user, { natsUrl: [server.url], natsUser: user, natsPassword: password(user) }),
    reconnect: false,
  });

/** The subjects that the server refuses to this user, of those that `use` sends to it. */
async function refused(user: string, use: (nc: NatsConnection) => void): Promise<Set<string>> {
  const nc = await open(user);
  const subjects = new Set<string>();
  const watching = (async () => {
    for await (const status of nc.status()) {
      const subject = /permissions violation for (?:publish|subscription) (?:to )?"([^"]+)"/i.exec(
        status.type === "error" ? status.error.message : "",
      )?.[1];
      if (subject) subjects.add(subject);
    }
  })();
  use(nc);
  await nc.flush();
  await nc.flush(); // Errors come before the second response.
  await nc.close();
  await watching;
  return subjects;
}

function matches(pattern: string, subject: string): boolean {
  const [wanted, given] = [pattern.split("."), subject.split(".")];
  return (
    wanted.every((token, place) => token === ">" || token === given[place]) &&
    (wanted.at(-1) === ">" ? given.length >= wanted.length : given.length === wanted.length)
  );
}
const allowed = (patterns: readonly string[], subject: string) => patterns.some((pattern) => matches(pattern, subject));

describe.each(users)("the user $name", ({ name, publish, subscribe }) => {
  it("publishes to its own subjects and to no other", async () => {
    const denied = await refused(name, (nc) => {
      for (const subject of publishable) nc.publish(subject, "", {});
    });
    expect([...denied].sort()).toEqual(
      [...new Set(publishable)].filter((subject) => !allowed(publish, subject)).sort(),
    );
  });

  it("subscribes to the subjects that the topology names for it and to nothing else", async () => {
    const denied = await refused(name, (nc) => {
      for (const subject of subscribable) nc.subscribe(subject, { callback: () => {} });
    });
    expect([...denied].sort()).toEqual(subscribable.filter((subject) => !allowed(subscribe, subject)).sort());
  });
});

describe("events", () => {
  it("are published by the owner of their stream alone, and no operator publishes any", () => {
    for (const { package: prefix, service } of streams) {
      const publishers = users.filter(({ publish }) => allowed(publish, `${prefix}.Anything`)).map(({ name }) => name);
      expect(publishers).toEqual([service]);
    }
  });

  it("of a stream are acknowledged by the service of the durable alone", () => {
    for (const { stream, durable, service } of consumers) {
      const subject = `$JS.ACK.${stream}.${durable}.1.1.1.1.1`;
      const able = users.filter(({ publish }) => allowed(publish, subject)).map(({ name }) => name);
      expect(able.sort()).toEqual([OPERATOR, service].sort());
    }
  });

  it("reach no subscriber outside of JetStream but the edge that names them, and the operator", () => {
    for (const event of events) {
      const listeners = users.filter(({ subscribe }) => allowed(subscribe, event)).map(({ name }) => name);
      const edge = edges
        .filter(({ listens }) => (listens as readonly string[]).includes(event))
        .map((one) => one.service);
      expect(listeners.sort()).toEqual([...edge, OPERATOR].sort());
    }
  });
});

describe("a client without the right credentials", () => {
  it.each([
    ["none", {}],
    ["a wrong password", { natsUser: "orders", natsPassword: "wrong" }],
    ["an unknown user", { natsUser: "nobody", natsPassword: password("nobody") }],
  ])("(%s) is refused", async (_, credentials) => {
    const options = connectOptions("orders", { natsUrl: [server.url], ...credentials });
    await expect(connect({ ...options, reconnect: false })).rejects.toThrow(/Authorization Violation/i);
  });
});

it("a server that is upgraded accepts clients without credentials next to those with", async () => {
  const config = join(await temporaryFolder("upgrade"), "nats.conf");
  writeFileSync(config, serverUsers(users, password, { anonymous: true }));
  const upgraded = await startNats({ more: ["--config", config] });
  try {
    const old = await connect({ servers: upgraded.url });
    const received = Promise.withResolvers<string>();
    old.subscribe("shop.orders.v1.OrderConfirmed", {
      callback: (_, { data }) => received.resolve(String(data.length)),
    });
    await old.flush();
    const orders = connectOptions("orders", {
      natsUrl: [upgraded.url],
      natsUser: "orders",
      natsPassword: password("orders"),
    });
    const nc = await connect(orders);
    nc.publish("shop.orders.v1.OrderConfirmed", "x");
    expect(await received.promise).toBe("1");
    await Promise.all([old.close(), nc.close()]);
  } finally {
    await upgraded.stop();
  }
});
