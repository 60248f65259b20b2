import { InventoryService } from "@kontor/sample";
import { expect, it } from "vitest";
import { createClient } from "../create-client.ts";
import { nameToResolve, parseAddresses } from "./addresses.ts";

it("reads one address or a list, each once", () => {
  const list = "[::1]:1, dns:///shop:2,kubernetes:///orders.shop:grpc , [::1]:1";
  expect(parseAddresses(list)).toEqual(["[::1]:1", "dns:///shop:2", "kubernetes:///orders.shop:grpc"]);
});

it("resolves names only of addresses with the prefix dns:///", () => {
  expect(nameToResolve("dns:///shop:2")).toEqual({ name: "shop", port: "2" });
  expect(nameToResolve("shop:2")).toBeUndefined();
});

it.each(["", "shop", "ipv4:127.0.0.1:1", "unix:/tmp/socket", "127.0.0.1:1,", "http://shop:1", "kubernetes:///orders"])(
  "refuses a client whose address is none: %j",
  (address) => {
    const form = `is not host:port, dns:///name:port, kubernetes:///service.namespace:port, in-process:///service, or a list of them with commas.`;
    expect(() => createClient(InventoryService, { address })).toThrow(form);
  },
);

it.each(["127.0.0.1:0", "shop:65536"])("refuses a client whose address has no valid port: %s", (address) => {
  expect(() => createClient(InventoryService, { address })).toThrow(`${address} is not between 1 and 65535`);
});
