import { createServer as createHttp2Server, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { create, type DescService } from "@bufbuild/protobuf";
import { createCallerVerifier } from "@kontor/policy";
import { InventoryService, OrdersService } from "@kontor/sample";
import { createLogger } from "@kontor/telemetry";
import { afterEach, describe, expect, it } from "vitest";
import { identities, partly, verifyToken } from "../test/shop.ts";
import { serverTransport, transport } from "../test/transport.ts";
import { openChannel } from "./client/transport/channel.ts";
import { byEitherName } from "./client/transport/either-name.ts";
import { formerMethod, formerService } from "./former-service.ts";
import { createClient, createServer } from "./index.ts";

const formerNameOf = (name: string) => name.replace(/^sample\./, "before.");
const former = <S extends DescService>(service: S) => formerService(service, formerNameOf) as S;

/** The names that a release knows: the version before the rename, the one that renames, and the one after it. */
const releases = {
  before: { named: former, formerNameOf: undefined },
  renaming: { named: <S extends DescService>(service: S) => service, formerNameOf },
  after: { named: <S extends DescService>(service: S) => service, formerNameOf: undefined },
};
type Release = keyof typeof releases;

const verifyCaller = createCallerVerifier({ keys: { load: identities.load } });
const stops: (() => unknown)[] = [];
afterEach(() => Promise.all(stops.splice(0).map((stop) => stop())));

async function serve(release: Release): Promise<string> {
  const { named, formerNameOf } = releases[release];
  const server = createServer({
    services: [
      partly(named(InventoryService), {
        getAvailability: async ({ sku }) => ({ availability: { sku } }),
        reserveStock: async (_, { caller }) => ({ reservation: { orderId: caller ?? "" } }),
      }),
      partly(named(OrdersService), {
        async *watchOrder({ orderId }) {
          yield { order: { id: orderId } };
        },
      }),
    ],
    policy: { verifyToken, verifyCaller },
    formerNameOf,
    transport: serverTransport,
    log: createLogger({ service: "test", level: "silent" }),
  });
  stops.push(() => server.drain(0));
  return `127.0.0.1:${await server.listen("127.0.0.1", 0)}`;
}

describe.each<[Release, Release]>([
  ["before", "renaming"],
  ["renaming", "before"],
  ["renaming", "renaming"],
  ["renaming", "after"],
  ["after", "renaming"],
])("a caller of the version %s the rename, with a callee of the version %s it,", (caller, callee) => {
  const open = async (service = "orders") => {
    const { named, formerNameOf } = releases[caller];
    const options = { address: await serve(callee), identity: identities.of(service), formerNameOf, transport };
    const clients = [
      createClient(named(InventoryService), options),
      createClient(named(OrdersService), options),
    ] as const;
    stops.push(...clients.map((client) => () => client[Symbol.dispose]()));
    return clients;
  };
  const items = [{ sku: "A", quantity: 1 }];

  it("calls every kind of RPC", async () => {
    const [inventory, orders] = await open();
    expect(await inventory.getAvailability({ sku: "A" })).toMatchObject({ availability: { sku: "A" } });
    expect(await inventory.reserveStock({ orderId: "1", items })).toMatchObject({ reservation: { orderId: "orders" } });
    const received: unknown[] = [];
    const metadata = { authorization: "Bearer ada:orders.read" };
    for await (const { order } of orders.watchOrder({ orderId: "7" }, { metadata })) received.push(order?.id);
    expect(received).toEqual(["7"]);
  });

  it("has the same policy and rules", async () => {
    const [inventory, orders] = await open("catalog");
    await expect(inventory.reserveStock({ orderId: "1", items })).rejects.toMatchObject({
      reason: "CALLER_NOT_ALLOWED",
    });
    await expect(inventory.getAvailability({ sku: "!" })).rejects.toMatchObject({ reason: "INVALID_REQUEST" });
    await expect(orders.watchOrder({ orderId: "7" }).headers).rejects.toMatchObject({ reason: "TOKEN_MISSING" });
  });
});

it("a failure of a handler, UNIMPLEMENTED too, is no reason to call by the other name", async () => {
  const address = await serve("renaming");
  using inventory = createClient(InventoryService, { address, identity: identities.of("orders"), formerNameOf });
  await expect(inventory.commitReservation({ orderId: "1" })).rejects.toMatchObject({
    code: "UNIMPLEMENTED",
    reason: "X",
  });
});

/** A callee that serves only the given paths, and records the path of each call. */
async function recorder(served: Set<string>): Promise<{ readonly address: string; readonly paths: string[] }> {
  const paths: string[] = [];
  const server = createHttp2Server();
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    const path = String(headers[":path"]);
    paths.push(path.split(".")[0] ?? "");
    const common = { ":status": 200, "content-type": "application/grpc" };
    if (!served.has(path)) return stream.respond({ ...common, "grpc-status": "12" }, { endStream: true });
    stream.respond(common, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
    stream.end(Buffer.alloc(5));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stops.push(() => server.close());
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, paths };
}

it("the former name is called first for 30 s where it is known, and until then the present one", async () => {
  const path = (name: string) => `/${name}.v1.InventoryService/GetAvailability`;
  const served = new Set([path("before")]);
  const { address, paths } = await recorder(served);
  let now = 0;
  const channel = byEitherName(openChannel(address, transport), () => now);
  stops.push(() => channel.close());
  const method = InventoryService.method.getAvailability;
  const other = formerMethod(method, formerNameOf);
  if (other === undefined) throw new Error("It has no former name.");
  const call = async () => {
    const asked = {
      method,
      message: create(method.input),
      metadata: {},
      deadline: Date.now() + 5_000,
      read: () => "ok",
    };
    await channel.unary({ ...asked, former: { method: other, metadata: {} } });
    return paths.splice(0);
  };
  expect(await call()).toEqual(["/sample", "/before"]);
  expect(await call()).toEqual(["/before"]);
  now += 30_000;
  expect(await call()).toEqual(["/sample", "/before"]);
  served.clear();
  served.add(path("sample"));
  expect(await call()).toEqual(["/before", "/sample"]);
  expect(await call()).toEqual(["/sample"]);
});
