import { createLogger } from "@kontor/telemetry";
import { eventually, readySlice, startFakeApiServer } from "@kontor/testing";
import { afterEach, expect, it } from "vitest";
import { discover } from "./discovery.ts";

const log = createLogger({ service: "test", level: "fatal" });
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

it("finds the pods of a Service of Kubernetes in addition to fixed addresses", async () => {
  const api = await startFakeApiServer();
  closers.push(api.stop);
  api.put("a", readySlice(["10.0.0.1"]));
  let addresses: readonly string[] = [];
  const given = ["kubernetes:///orders.shop:grpc", "10.0.0.9:50051"];
  const discovery = discover(given, { everyMs: 10, log }, (found) => {
    addresses = found;
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

it("resolves a name that is unknown again soon, and logs its failure once", async () => {
  const lines: string[] = [];
  let failures = 0;
  const resolve = async () => {
    if (failures++ < 3) throw new Error("getaddrinfo ENOTFOUND");
    return ["10.0.0.1", "fd00::1"];
  };
  const found = Promise.withResolvers<readonly string[]>();
  const options = {
    everyMs: 60_000,
    log: createLogger({ service: "test" }, { write: (line) => void lines.push(line) }),
    resolve,
  };
  const discovery = discover(
    ["dns:///shop:1"],
    options,
    (addresses) => addresses.length > 0 && found.resolve(addresses),
  );
  closers.push(discovery.stop);
  expect(await found.promise).toEqual(["10.0.0.1:1", "[fd00::1]:1"]);
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(["upstream name not resolved"]);
});
