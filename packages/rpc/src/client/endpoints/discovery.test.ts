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
