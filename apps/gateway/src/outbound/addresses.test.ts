import { describe, expect, it } from "vitest";
import { parseUpstreams, upstreamOf } from "./addresses.ts";

describe("GATEWAY_UPSTREAMS", () => {
  it("names a Service of Kubernetes, alone or among others", () => {
    const both = "kubernetes:///orders.shop:grpc, 10.0.0.9:50051";
    expect(parseUpstreams(JSON.stringify({ "*": both })).get("*")).toEqual(both.split(", "));
    expect(() => parseUpstreams('{"*":"kubernetes:///orders.shop"}')).toThrow("kubernetes:///service.namespace:port");
  });

  it.each(["10.0.0.9:0", "[::1]:65536", "dns:///orders:99999", "kubernetes:///orders.shop:70000"])(
    "is refused with a port that does not exist: %s",
    (address) => {
      const text = JSON.stringify({ "shop.orders.v1.OrdersService": `10.0.0.9:65535, ${address}` });
      const names = ['"shop.orders.v1.OrdersService"', `The port of ${address} is not between 1 and 65535`];
      for (const name of names) expect(() => parseUpstreams(text)).toThrow(name);
    },
  );

  it.each(["nonsense", "a:b:c", "10.0.0.9", "", 7, null])("is refused with an address that is none: %j", (address) => {
    expect(() => parseUpstreams(JSON.stringify({ "*": address }))).toThrow("is not host:port, dns:///name:port");
  });
});

describe("the upstream of a service", () => {
  const addresses = parseUpstreams('{"shop.orders.v1.OrdersService":"10.0.0.1:1","*":"10.0.0.9:1"}');
  it("is its own, by its name or its former one", () => {
    expect(upstreamOf(addresses, "shop.orders.v1.OrdersService", undefined)).toEqual(["10.0.0.1:1"]);
    expect(upstreamOf(addresses, "new.v1.Orders", "shop.orders.v1.OrdersService")).toEqual(["10.0.0.1:1"]);
  });
  it("is that of another service of its package, which the same process serves", () => {
    expect(upstreamOf(addresses, "shop.orders.v1.CartService", undefined)).toEqual(["10.0.0.1:1"]);
    expect(upstreamOf(addresses, "shop.orders.v2.CartService", undefined)).toEqual(["10.0.0.9:1"]);
  });
  it("is absent without addresses for all others", () => {
    const named = parseUpstreams('{"shop.orders.v1.OrdersService":"10.0.0.1:1"}');
    expect(upstreamOf(named, "shop.users.v1.UsersService", undefined)).toBeUndefined();
  });
});
