import { createLogger } from "@kontor/telemetry";
import { eventually, readySlice, startFakeApiServer } from "@kontor/testing";
import { afterEach, describe, expect, it } from "vitest";
import { parseUpstreams } from "../src/outbound/addresses.ts";
import { discover } from "../src/outbound/discovery.ts";

const log = createLogger({ service: "test", level: "fatal" });
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

describe("an upstream that is a Service of Kubernetes", () => {
  it("is read from the settings, alone or among others", () => {
    const both = "kubernetes:///orders.shop:grpc, 10.0.0.9:50051";
    expect(parseUpstreams(JSON.stringify({ "*": both })).get("*")).toEqual(both.split(", "));
    expect(() => parseUpstreams('{"*":"kubernetes:///orders.shop"}')).toThrow("kubernetes:///service.namespace:port");
  });

  it.each(["10.0.0.9:0", "[::1]:65536", "dns:///orders:99999", "kubernetes:///orders.shop:70000"])(
    "is refused with a port that there is not: %s",
    (address) => {
      const text = JSON.stringify({ "kontor.orders.v1.OrdersService": `10.0.0.9:65535, ${address}` });
      expect(() => parseUpstreams(text)).toThrow(
        `the port of "kontor.orders.v1.OrdersService" in ${address} is not between 1 and 65535`,
      );
    },
  );

  it("has the pods of its EndpointSlices in addition to fixed addresses", async () => {
    const api = await startFakeApiServer();
    closers.push(api.stop);
    api.put("a", readySlice(["10.0.0.1"]));
    let addresses: readonly string[] = [];
    const places = ["kubernetes:///orders.shop:grpc", "10.0.0.9:50051"];
    const discovery = discover(places, { everyMs: 10, log }, (told) => {
      addresses = told;
    });
    closers.push(discovery.stop);
    await discovery.first;
    expect(addresses).toEqual(["10.0.0.1:50051", "10.0.0.9:50051"]);
    await eventually(async () => expect(api.watching()).toBe(1));
    api.put("a", readySlice(["10.0.0.1", "10.0.0.2"]));
    await eventually(async () => expect(addresses).toEqual(["10.0.0.1:50051", "10.0.0.2:50051", "10.0.0.9:50051"]));
    discovery.stop();
    await eventually(async () => expect(api.watching()).toBe(0));
  });
});
