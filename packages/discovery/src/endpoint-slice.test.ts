import { readySlice } from "@kontor/testing";
import { describe, expect, it } from "vitest";
import { addressesOf, parseServiceTarget } from "./index.ts";

const ready = (...addresses: string[]) => readySlice(addresses);
const slice = (...endpoints: object[]) => ({ ...ready(), endpoints }) as ReturnType<typeof ready>;
const pod = (address: string, conditions: object = {}) => ({
  addresses: [address],
  conditions,
  targetRef: { uid: `${address}:50051` },
});

describe("the addresses of a service", () => {
  it("are those of ready pods in all its slices, at the port of that name", () => {
    expect(addressesOf([ready("10.0.0.2"), ready("10.0.0.1", "10.0.0.3")], "grpc")).toEqual([
      "10.0.0.1:50051",
      "10.0.0.2:50051",
      "10.0.0.3:50051",
    ]);
  });

  it("may be selected by the port's number", () => {
    expect(addressesOf([ready("10.0.0.1")], "9090")).toEqual(["10.0.0.1:9090"]);
    expect(addressesOf([ready("10.0.0.1")], "http")).toEqual([]);
  });

  it("are without pods that are not ready, or end", () => {
    const slices = [
      slice(
        pod("10.0.0.1"),
        pod("10.0.0.2", { ready: false, serving: false }),
        pod("10.0.0.3", { ready: false, serving: true, terminating: true }),
        pod("10.0.0.4", { ready: true, terminating: true }),
      ),
    ];
    expect(addressesOf(slices, "grpc")).toEqual(["10.0.0.1:50051"]);
  });

  it("are those of pods that end but serve, when there is no other", () => {
    const ending = { ready: false, serving: true, terminating: true };
    const slices = [slice(pod("10.0.0.1", ending), pod("10.0.0.2", { ...ending, serving: false }))];
    expect(addressesOf(slices, "grpc")).toEqual(["10.0.0.1:50051"]);
  });

  it("count a pod once that is in two slices or has two addresses", () => {
    const twice = { ...ready(), addressType: "IPv6", endpoints: [{ ...pod("10.0.0.1"), addresses: ["fd00::1"] }] };
    expect(addressesOf([twice, ready("10.0.0.1"), ready("10.0.0.1")], "grpc")).toEqual(["10.0.0.1:50051"]);
  });

  it("of IPv6 have brackets", () => {
    const six = { ...slice(pod("fd00::1")), addressType: "IPv6" };
    expect(addressesOf([six], "grpc")).toEqual(["[fd00::1]:50051"]);
  });

  it("are none where endpoints and ports are null, as the API server may have it", () => {
    expect(addressesOf([{ endpoints: null, ports: null }], "grpc")).toEqual([]);
  });
});

describe("a target", () => {
  it.each([
    ["kubernetes:///orders.shop:grpc", { service: "orders", namespace: "shop", port: "grpc" }],
    ["kubernetes:///orders:50051", { service: "orders", port: "50051" }],
    ["kubernetes:///orders.shop", undefined],
    ["kubernetes:///orders.shop.svc:grpc", undefined],
    ["orders:50051", undefined],
    ["dns:///orders:50051", undefined],
  ])("%s is read", (text, target) => {
    expect(parseServiceTarget(text)).toEqual(target);
  });
});
