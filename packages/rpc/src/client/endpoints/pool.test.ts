import { once } from "node:events";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { create, type DescMessage, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { Metadata, Server, ServerCredentials, type ServerWritableStream } from "@grpc/grpc-js";
import { createLogger, registry } from "@kontor/telemetry";
import { eventually } from "@kontor/testing";
import { afterEach, describe, expect, it } from "vitest";
import { type Handler, startUpstream, testContract, transport, type Upstream } from "../../../test/testing.ts";
import { poolMetrics } from "../pool-metrics.ts";
import { createPool, type Pool } from "./pool.ts";

const contract = testContract({ Get: {}, Post: {}, Thrice: {} });
const attempts: Readonly<Record<string, number>> = { Get: 2, Post: 1, Thrice: 3 };
const metrics = poolMetrics("kontor_rpc_client", "target", { service: "test" });
const log = createLogger({ service: "test", level: "fatal" });
const running: { kill?(): void; close?(): void }[] = [];
afterEach(() => {
  for (const each of running.splice(0)) {
    each.kill?.();
    each.close?.();
  }
});

const thing = (values: Record<string, string>): Message => create(schema, values);
const schema = contract.method("Get").output as DescMessage;
const servedBy = (message: Message) => reflect(schema, message).get(schema.fields[1] as never) as unknown as string;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function upstream(handler: Handler = () => thing({}), address?: string): Promise<Upstream> {
  const started = await startUpstream(contract.registry, handler, address);
  running.push(started);
  return started;
}
const named =
  (name: string, ms = 0): Handler =>
  async () => {
    if (ms > 0) await pause(ms);
    return thing({ servedBy: name });
  };
function pool(addresses: readonly string[], resolve?: (name: string) => Promise<readonly string[]>): Pool {
  const made = createPool(addresses, { everyMs: 20, metrics, transport, log, ...(resolve && { resolve }) });
  running.push(made);
  return made;
}
/** A server that answers `Get` with a stream. */
async function streaming(name: string) {
  const server = new Server();
  const path = `/${contract.method("Get").parent.typeName}/Get`;
  const bytes = (message: Message) => Buffer.from(toBinary(schema, message));
  const message = (buffer: Buffer) => buffer;
  const serialisers = {
    requestSerialize: bytes,
    requestDeserialize: message,
    responseSerialize: bytes,
    responseDeserialize: message,
  };
  const definition = { path, requestStream: false, responseStream: true, ...serialisers };
  server.addService(
    { Get: definition },
    {
      Get: (stream: ServerWritableStream<Buffer, Message>) => {
        stream.write(thing({ servedBy: name }));
        stream.end();
      },
    },
  );
  const port = await new Promise((resolve) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (_, bound) => resolve(bound)),
  );
  running.push({ kill: () => server.forceShutdown() });
  return { address: `127.0.0.1:${port}`, drain: () => server.tryShutdown(() => {}) };
}
function call(to: Pool, rpc = "Get", more: { deadline?: number; onAttempt?: (address: string) => void } = {}) {
  const method = contract.method(rpc);
  const deadline = more.deadline ?? Date.now() + 10_000;
  const read = (bytes: Buffer) => fromBinary(schema, bytes);
  const outgoing = { method, message: thing({ name: "a" }), metadata: {}, deadline, read };
  return to.unary(outgoing, { attempts: attempts[rpc] ?? 1 }, more.onAttempt);
}
/** Makes calls, `width` at a time, and returns the outcome of each. */
async function load(to: Pool, count: number, width: number, rpc = "Get", each?: (done: number) => void) {
  const results: { by?: string; error?: unknown }[] = [];
  let begun = 0;
  const worker = async () => {
    while (begun++ < count) {
      const result = await call(to, rpc).then(
        (message) => ({ by: servedBy(message) }),
        (error: unknown) => ({ error }),
      );
      results.push(result);
      each?.(results.length);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}
const failed = (results: readonly { error?: unknown }[]) => results.filter(({ error }) => error !== undefined);
const unavailable = (entries: Record<string, string> = {}) => {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(entries)) metadata.set(name, value);
  return { code: 14, details: "No.", metadata };
};
const circuitOf = async (address: string) =>
  new RegExp(`kontor_rpc_client_circuit_state\\{service="test",target="${address}"\\} (\\d)`).exec(
    await registry.metrics(),
  )?.[1];

describe("several endpoints", () => {
  it("share the calls, and one that crashes under load fails no call that may be repeated", async () => {
    const all = await Promise.all(["a", "b", "c"].map((name) => upstream(named(name, 1))));
    const to = pool(all.map(({ address }) => address));
    const results = await load(to, 1500, 16, "Get", (done) => done === 600 && all[1]?.kill());
    expect(failed(results)).toEqual([]);
    for (const name of ["a", "c"]) expect(results.filter(({ by }) => by === name).length).toBeGreaterThan(300);
  });

  it("may drain under load, which costs no call, not even one that must not be repeated", async () => {
    const [one, two] = await Promise.all([upstream(named("one", 2)), upstream(named("two", 2))]);
    const results = await load(pool([one.address, two.address]), 2_000, 20, "Post", (done) => {
      if (done === 700) one.drain();
    });
    expect(failed(results)).toEqual([]);
    expect(results.slice(-500).every(({ by }) => by === "two")).toBe(true);
  });

  it.skipIf(transport === "grpc-js")(
    "may accept connections and send nothing, which delays calls but fails none",
    async () => {
      const silent = createTcpServer().listen(0, "127.0.0.1");
      await once(silent, "listening");
      running.push({ kill: () => silent.close() });
      const good = await upstream(named("good"));
      const { port } = silent.address() as AddressInfo;
      const results = await load(pool([`127.0.0.1:${port}`, good.address]), 40, 20, "Post");
      expect(failed(results)).toEqual([]);
    },
  );

  it("may drain while streams are opened, which fails none", async () => {
    const [one, two] = await Promise.all([streaming("one"), streaming("two")]);
    const to = pool([one.address, two.address]);
    const failures: unknown[] = [];
    const seen = new Map<string, number>();
    for (let n = 0; n < 200; n++) {
      if (n === 100) one.drain();
      const outgoing = { method: contract.method("Get"), message: thing({}), metadata: {} };
      try {
        for await (const message of to.stream({ ...outgoing, deadline: Date.now() + 10_000 }))
          seen.set(servedBy(message), n);
      } catch (error) {
        failures.push(error);
      }
    }
    expect(failures).toEqual([]);
    expect(seen.get("one")).toBeGreaterThan(50);
    expect(seen.get("two")).toBeGreaterThan(190);
  });

  it("get fewer calls the slower they are", async () => {
    const all = await Promise.all([upstream(named("quick", 1)), upstream(named("slow", 40))]);
    const to = pool(all.map(({ address }) => address));
    await load(to, 8, 4);
    const results = await load(to, 400, 8);
    expect(results.filter(({ by }) => by === "slow").length).toBeLessThan(120);
  });

  it("are left out when they fail where others do not, but never more than half of them", async () => {
    const bad: Handler = () => {
      throw { code: 13, details: "broken" };
    };
    const all = await Promise.all([upstream(bad), upstream(bad), upstream(named("good"))]);
    const to = pool(all.map(({ address }) => address));
    await load(to, 100, 4);
    const before = all.map(({ calls }) => calls());
    await load(to, 100, 4);
    const more = all.map(({ calls }, i) => calls() - (before[i] ?? 0));
    expect([more[0], more[1]].filter((count) => count === 0)).toHaveLength(1);
    expect(more[2]).toBeGreaterThan(20);
  });

  it("follow their name", async () => {
    const port = (await upstream(named("one"), "127.0.0.1:0")).address.split(":")[1];
    await upstream(named("two"), `127.0.0.2:${port}`);
    let addresses = ["127.0.0.1"];
    const to = pool([`dns:///shop:${port}`], async () => addresses);
    expect(new Set((await load(to, 20, 2)).map(({ by }) => by))).toEqual(new Set(["one"]));
    addresses = ["127.0.0.1", "127.0.0.2"];
    await eventually(async () => expect((await load(to, 20, 2)).some(({ by }) => by === "two")).toBe(true));
    addresses = ["127.0.0.2"];
    await eventually(async () => expect((await load(to, 20, 2)).every(({ by }) => by === "two")).toBe(true));
  });

  it("that were removed finish their calls", async () => {
    const one = await upstream(named("one", 150));
    let addresses = ["127.0.0.1"];
    const to = pool([`dns:///shop:${one.address.split(":")[1]}`], async () => addresses);
    const answer = call(to);
    await eventually(async () => expect(one.calls()).toBe(1));
    addresses = [];
    await eventually(async () => expect(await call(to).catch((error: unknown) => error)).toMatchObject({ code: 14 }));
    expect(servedBy(await answer)).toBe("one");
  });
});

describe("a breaker", () => {
  it("opens when its endpoint is unreachable, allows one call as a probe, and closes when that succeeds", async () => {
    const first = await upstream(named("a"));
    const to = pool([first.address]);
    await call(to);
    first.kill();
    await load(to, 20, 1, "Post");
    expect(await circuitOf(first.address)).toBe("2");
    await expect(call(to, "Post")).rejects.toMatchObject({
      code: 14,
      local: "circuit-open",
      pushBackMs: expect.any(Number),
    });
    await upstream(named("a"), first.address);
    await eventually(async () => expect(servedBy(await call(to, "Post"))).toBe("a"), { timeoutMs: 10_000 });
    expect(await circuitOf(first.address)).toBe("0");
  });

  it("limits an endpoint that never responds to one time-out, not one per call", async () => {
    const one = await upstream(() => new Promise(() => {}));
    const to = pool([one.address]);
    const startedAt = Date.now();
    const first = call(to, "Post", { deadline: startedAt + 1_200 });
    const waiting = Array.from({ length: 20 }, () => call(to, "Post", { deadline: startedAt + 30_000 }));
    for (const each of waiting) each.catch(() => undefined);
    await expect(first).rejects.toMatchObject({ code: 4 });
    for (const each of waiting) await expect(each).rejects.toMatchObject({ code: 14 });
    await expect(call(to, "Post", { deadline: startedAt + 30_000 })).rejects.toMatchObject({ code: 14 });
    expect(Date.now() - startedAt).toBeLessThan(10_000);
    expect(one.calls()).toBe(21);
    one.handler = named("a");
    await eventually(async () => expect(servedBy(await call(to, "Post"))).toBe("a"), { timeoutMs: 10_000 });
  });

  it("ignores the statuses of the application", async () => {
    const one = await upstream(() => {
      throw unavailable();
    });
    const to = pool([one.address]);
    await load(to, 40, 4, "Post");
    expect(one.calls()).toBe(40);
    expect(await circuitOf(one.address)).toBe("0");
  });

  it("ignores calls that began after their deadline", async () => {
    const one = await upstream(named("a"));
    const to = pool([one.address]);
    for (let i = 0; i < 20; i++)
      await expect(call(to, "Post", { deadline: Date.now() - 1 })).rejects.toMatchObject({ code: 4 });
    expect(servedBy(await call(to, "Post"))).toBe("a");
    expect([one.calls(), await circuitOf(one.address)]).toEqual([1, "0"]);
  });
});

describe("a retry", () => {
  it("goes to another endpoint", async () => {
    const bad = await upstream(() => {
      throw unavailable();
    });
    const good = await upstream(named("good"));
    const to = pool([bad.address, good.address]);
    await load(to, 10, 5);
    expect(failed(await load(to, 60, 2))).toEqual([]);
  });

  it("is not made for an RPC that is not declared safe", async () => {
    const bad = await upstream(() => {
      throw unavailable();
    });
    await expect(call(pool([bad.address]), "Post")).rejects.toMatchObject({ code: 14 });
    expect(bad.calls()).toBe(1);
  });

  it("is made as often as the option allows", async () => {
    const bad = await upstream(() => {
      throw unavailable();
    });
    await expect(call(pool([bad.address]), "Thrice")).rejects.toMatchObject({ code: 14 });
    expect(bad.calls()).toBe(3);
  });

  it.each(["-1", "soon"])("is not made when the server forbids it: %s", async (pushBack) => {
    const bad = await upstream(() => {
      throw unavailable({ "grpc-retry-pushback-ms": pushBack });
    });
    await expect(call(pool([bad.address]))).rejects.toMatchObject({ code: 14 });
    expect(bad.calls()).toBe(1);
  });

  it("waits for the server's pause, and is not made when that ends after the deadline", async () => {
    const times: number[] = [];
    const bad = await upstream(() => {
      times.push(performance.now());
      throw unavailable({ "grpc-retry-pushback-ms": "200" });
    });
    await expect(call(pool([bad.address]))).rejects.toMatchObject({ code: 14 });
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(195);
    await expect(call(pool([bad.address]), "Get", { deadline: Date.now() + 150 })).rejects.toMatchObject({ code: 14 });
    expect(times).toHaveLength(3);
  });

  it("stays within a budget of 20 % and ten a second when everything fails", async () => {
    const bad = await upstream(() => {
      throw unavailable();
    });
    const to = pool([bad.address]);
    const began = performance.now();
    await load(to, 1000, 10);
    const seconds = (performance.now() - began) / 1000;
    const retries = bad.calls() - 1000;
    expect(retries).toBeGreaterThan(100);
    expect(retries).toBeLessThanOrEqual(200 + 10 + 10 * seconds);
  });
});
