// A gRPC server with little cost: it responds with prepared bytes, over plain node:http2.
import { createServer, type ServerHttp2Stream } from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import { GetJwksResponseSchema } from "@kontor/shop/contracts/users/v1/users_service";
import { answers } from "./samples.ts";

const keys = JSON.parse(process.env.BENCH_KEYS ?? "[]");
const jwks = toBinary(GetJwksResponseSchema, create(GetJwksResponseSchema, { keys }));
const frames = new Map(
  [...answers, ["/shop.users.v1.UsersService/GetJwks", jwks] as const].map(([path, bytes]) => [path, frame(bytes)]),
);

const server = createServer();
server.on("stream", (stream: ServerHttp2Stream, headers) => {
  const body = frames.get(headers[":path"] ?? "");
  stream.on("error", () => {});
  stream.resume();
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": body ? "0" : "12" }));
  stream.end(body);
});
server.listen(Number(process.env.PORT), "127.0.0.1");

function frame(bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}
