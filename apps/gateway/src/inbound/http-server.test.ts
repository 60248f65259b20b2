import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { createFileRegistry } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { createHttpServer } from "./http-server.ts";

const options = {
  ...{ bodyLimit: 1024, deadlineCap: 1_800_000, trustedProxies: [] },
  problems: { registry: createFileRegistry() },
};

it("cuts no request off before the longest deadline has passed", () => {
  const { app } = createHttpServer(options);
  expect(app.server.requestTimeout).toBeGreaterThan(1_800_000);
  expect(app.server.headersTimeout).toBeLessThanOrEqual(15_000);
});

it("responds with 408 to a head that is incomplete at its deadline, and closes", async () => {
  const { listen, close } = createHttpServer({ ...options, headMs: 300 });
  const socket = connect(await listen("127.0.0.1", 0), "127.0.0.1");
  const slowly = setInterval(() => socket.write("X-A: b\r\n"), 50);
  socket.write("GET /healthz HTTP/1.1\r\nHost: x\r\n");
  socket.on("error", () => {});
  const answer = await text(socket);
  clearInterval(slowly);
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  expect(head).toMatch(/^HTTP\/1\.1 408 Request Timeout/);
  expect(head).toMatch(/^connection: close/im);
  expect(head).toMatch(/^content-type: application\/problem\+json/im);
  expect(head).toMatch(/^x-content-type-options: nosniff/im);
  expect(JSON.parse(body)).toMatchObject({ status: 408, title: "Request timeout", reason: "REQUEST_TIMEOUT" });
  await close(1_000);
});
