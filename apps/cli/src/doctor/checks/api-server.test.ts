import { describe, expect, it } from "vitest";
import { unreachable } from "./api-server.ts";

const policy = (...cidrs: string[]) => ({ spec: { egress: [{ to: cidrs.map((cidr) => ({ ipBlock: { cidr } })) }] } });

describe("addresses of the API server that a policy does not admit", () => {
  it("are those outside of all its blocks", () => {
    const addresses = ["10.0.0.5", "10.0.1.5", "fd00::5"];
    expect(unreachable(policy("10.0.0.5/32"), addresses)).toEqual(["10.0.1.5", "fd00::5"]);
    expect(unreachable(policy("10.0.0.0/16", "fd00::/64"), addresses)).toEqual([]);
  });

  it("are those that a block excepts", () => {
    const { spec } = { spec: { egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } }] }] } };
    expect(unreachable({ spec }, ["10.0.0.5", "192.0.2.1"])).toEqual(["10.0.0.5"]);
  });

  it("are none where a rule names pods, or no peers at all", () => {
    expect(unreachable({ spec: { egress: [{}] } }, ["10.0.0.5"])).toEqual([]);
    expect(unreachable({ spec: { egress: [{ to: [{}] }] } }, ["10.0.0.5"])).toEqual([]);
  });

  it("are all where nothing may leave", () => {
    expect(unreachable({ spec: {} }, ["10.0.0.5"])).toEqual(["10.0.0.5"]);
  });
});
