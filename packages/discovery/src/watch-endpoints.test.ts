import { AsyncLocalStorage } from "node:async_hooks";
import { tmpdir } from "node:os";
import { eventually, readySlice, startFakeApiServer } from "@kontor/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connectApiServer } from "./connect-api-server.ts";
import { watchEndpoints } from "./index.ts";

const target = { service: "orders", namespace: "shop", port: "grpc" };
const at = (...addresses: string[]) => addresses.map((address) => `${address}:50051`);

const ready = (...addresses: string[]) => readySlice(addresses);

let api: Awaited<ReturnType<typeof startFakeApiServer>>;
let watch: Disposable;
let told: (readonly string[])[];
let unknown: number;

beforeEach(async () => {
  api = await startFakeApiServer();
  told = [];
  unknown = 0;
});
afterEach(async () => {
  watch[Symbol.dispose]();
  await api.stop();
});

function begin(): void {
  const changed = (addresses: readonly string[]) => void told.push(addresses);
  watch = watchEndpoints(target, { changed, unknown: () => void unknown++ }, { api: async () => connectApiServer() });
}

const now = (...addresses: string[]) => eventually(async () => expect(told.at(-1)).toEqual(at(...addresses)));
const watching = () => eventually(async () => expect(api.watching()).toBe(1));

describe("endpoints that are watched", () => {
  it("are requested in the service's namespace, by its name", async () => {
    api.put("a", ready("10.0.0.1"));
    begin();
    await now("10.0.0.1");
    const [url] = api.asked;
    expect(url?.pathname).toBe("/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices");
    expect(url?.searchParams.get("labelSelector")).toBe("kubernetes.io/service-name=orders");
  });

  it("follow changes of any slice of the service", async () => {
    api.put("a", ready("10.0.0.1"));
    begin();
    await watching();
    api.put("b", ready("10.0.0.2"));
    await now("10.0.0.1", "10.0.0.2");
    api.put("a", ready("10.0.0.1", "10.0.0.3"));
    await now("10.0.0.1", "10.0.0.2", "10.0.0.3");
    api.remove("b");
    await now("10.0.0.1", "10.0.0.3");
    expect(api.lists()).toBe(1);
  });

  it("go on from where they were when the server ends a watch", async () => {
    api.put("a", ready("10.0.0.1"));
    begin();
    await watching();
    api.put("a", ready("10.0.0.2"));
    await now("10.0.0.2");
    api.endWatches();
    await eventually(async () => expect(api.asked).toHaveLength(3));
    expect(api.asked.at(-1)?.searchParams.get("resourceVersion")).toBe("102");
    expect(api.lists()).toBe(1);
  });

  it("are listed again when the server has dropped their version", async () => {
    api.put("a", ready("10.0.0.1"));
    api.put("b", ready("10.0.0.2"));
    begin();
    await watching();
    api.removeUnseen("a");
    api.putUnseen("c", ready("10.0.0.3"));
    api.forget();
    await now("10.0.0.2", "10.0.0.3");
    expect(api.lists()).toBe(2);
  });

  it("are listed again when the watch is refused with 410 Gone", async () => {
    api.put("a", ready("10.0.0.1"));
    begin();
    await watching();
    api.putUnseen("a", ready("10.0.0.2"));
    api.refuse(410);
    await eventually(async () => expect(api.asked.length).toBeGreaterThan(2));
    api.refuse(undefined);
    await now("10.0.0.2");
  });

  it("remain unchanged while the server is away, and follow once it returns", async () => {
    api.put("a", ready("10.0.0.1"));
    begin();
    await watching();
    api.refuse(503);
    await eventually(async () => expect(api.asked.length).toBeGreaterThan(3));
    expect(told).toEqual([at("10.0.0.1")]);
    expect(unknown).toBe(0);
    api.refuse(undefined);
    await watching();
    api.put("a", ready("10.0.0.2"));
    await now("10.0.0.2");
  });

  it("are unknown, not none, while the server has not been reached yet", async () => {
    api.put("a", ready("10.0.0.1"));
    api.refuse(403);
    begin();
    await eventually(async () => expect(unknown).toBeGreaterThan(0));
    expect(told).toEqual([]);
    api.refuse(undefined);
    await now("10.0.0.1");
  });

  it("are known once the kubeconfig can be read that could not be at first", async () => {
    api.put("a", ready("10.0.0.1"));
    const readable = process.env.KUBECONFIG;
    process.env.KUBECONFIG = tmpdir();
    const observer = {
      changed: (addresses: readonly string[]) => void told.push(addresses),
      unknown: () => void unknown++,
    };
    watch = watchEndpoints(target, observer);
    await eventually(async () => expect(unknown).toBeGreaterThan(1));
    process.env.KUBECONFIG = readable;
    await now("10.0.0.1");
  });

  it("are reported outside of the call that began to watch", async () => {
    const calls = new AsyncLocalStorage<string>();
    const contexts: (string | undefined)[] = [];
    const observer = { changed: () => void contexts.push(calls.getStore()), unknown: () => {} };
    calls.run("a call", () => {
      watch = watchEndpoints(target, observer, { api: async () => connectApiServer() });
    });
    await eventually(async () => expect(contexts).toEqual([undefined]));
  });

  it("are no longer watched without subscribers", async () => {
    begin();
    await watching();
    watch[Symbol.dispose]();
    await eventually(async () => expect(api.watching()).toBe(0));
  });
});
