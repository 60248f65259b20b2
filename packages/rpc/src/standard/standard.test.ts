import { create, createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Client, credentials } from "@grpc/grpc-js";
import { Health, HealthCheckResponse_ServingStatus as Serving } from "@kontor/contracts/grpc/health/v1/health";
import {
  type ServerReflectionRequest,
  ServerReflectionRequestSchema,
  type ServerReflectionResponse,
  ServerReflectionResponseSchema,
} from "@kontor/contracts/grpc/reflection/v1/reflection";
import { afterEach, describe, expect, it } from "vitest";
import { aServer } from "../../test/shop.ts";
import { createClient } from "../client/create-client.ts";
import { decode, encode } from "../wire.ts";

let stop: (() => Promise<void>) | undefined;
afterEach(() => stop?.());
const start = async () => {
  const server = await aServer({});
  stop = server.stop;
  return server;
};

async function ask(
  address: string,
  messageRequest: ServerReflectionRequest["messageRequest"],
  version = "v1",
): Promise<ServerReflectionResponse["messageResponse"]> {
  const client = new Client(address, credentials.createInsecure());
  const stream = client.makeBidiStreamRequest(
    `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
    (message: object) => encode(ServerReflectionRequestSchema, message),
    (bytes) => decode(ServerReflectionResponseSchema, bytes) as ServerReflectionResponse,
  );
  stream.write(create(ServerReflectionRequestSchema, { messageRequest }));
  stream.end();
  const [answer] = (await stream.toArray()) as ServerReflectionResponse[];
  client.close();
  return answer?.messageResponse ?? { case: undefined };
}

describe("the health service", () => {
  it("follows the server, and can be watched", async () => {
    const { address, server } = await start();
    using health = createClient(Health, { address });
    expect(await health.check({ service: "sample.v1.OrdersService" })).toMatchObject({
      status: Serving.SERVING,
    });
    await expect(health.check({ service: "nobody" })).rejects.toMatchObject({ code: "NOT_FOUND" });
    const seen: Serving[] = [];
    for await (const { status } of health.watch({})) {
      seen.push(status);
      if (status === Serving.NOT_SERVING) break;
      server.setServing(false);
    }
    expect(seen).toEqual([Serving.SERVING, Serving.NOT_SERVING]);
  });
});

describe("reflection", () => {
  it.each(["v1", "v1alpha"])("lists the services to tools that use %s", async (version) => {
    const { address } = await start();
    expect(await ask(address, { case: "listServices", value: "" }, version)).toMatchObject({
      value: {
        service: [
          { name: "sample.v1.InventoryService" },
          { name: "sample.v1.OrdersService" },
          { name: "grpc.health.v1.Health" },
          { name: "grpc.reflection.v1.ServerReflection" },
        ],
      },
    });
  });

  it.each(["sample.v1.OrdersService", "sample.v1.OrdersService.GetOrder", "sample.v1.Order"])(
    "shows the files around %s so that a tool can read them",
    async (value) => {
      const { address } = await start();
      const answer = await ask(address, { case: "fileContainingSymbol", value });
      if (answer.case !== "fileDescriptorResponse") throw new Error(`It responded with ${answer.case}.`);
      const file = answer.value.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
      const known = createFileRegistry(create(FileDescriptorSetSchema, { file: file.reverse() }));
      expect(known.getMessage("sample.v1.Order")).toBeDefined();
    },
  );

  it("finds files by name and extensions by number, and reports unknown ones", async () => {
    const { address } = await start();
    const found = { case: "fileDescriptorResponse" };
    expect(await ask(address, { case: "fileByFilename", value: "google/protobuf/timestamp.proto" })).toMatchObject(
      found,
    );
    const containingType = "google.protobuf.MethodOptions";
    expect(await ask(address, { case: "allExtensionNumbersOfType", value: containingType })).toMatchObject({
      value: { extensionNumber: expect.arrayContaining([50101, 72295728]) },
    });
    const extension = { case: "fileContainingExtension", value: { containingType, extensionNumber: 50101 } } as const;
    expect(await ask(address, extension as never)).toMatchObject(found);
    expect(await ask(address, { case: "fileContainingSymbol", value: "nobody" })).toMatchObject({
      case: "errorResponse",
    });
  });
});
