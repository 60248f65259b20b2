import { describe, expect, it } from "vitest";
import { serviceOf } from "./reach.ts";

describe("a host of a pod's settings", () => {
  it.each([
    ["kontor-nats", { name: "kontor-nats", namespace: "shop" }],
    ["db-rw.postgres", { name: "db-rw", namespace: "postgres" }],
    ["nats-headless.nats.svc", { name: "nats-headless", namespace: "nats" }],
    ["nats.nats.svc.cluster.local", { name: "nats", namespace: "nats" }],
  ])("%s is a Service", (host, service) => expect(serviceOf(host, "shop")).toEqual(service));

  it.each(["localhost", "10.1.2.3", "db.eu.example.com"])("%s is none", (host) =>
    expect(serviceOf(host, "shop")).toBeUndefined(),
  );
});
