import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { EdgeCall } from "@kontor/transcoder";
import { afterEach, expect, it } from "vitest";
import { watchBodies } from "./watch-bodies.ts";

const server = createServer();
afterEach(() => void server.close());

/** A request whose client sends half of its body. */
async function halfARequest() {
  if (!server.listening) await once(server.listen(0, "127.0.0.1"), "listening");
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  client.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab");
  const [raw] = (await once(server, "request")) as [IncomingMessage];
  let aborted = 0;
  const call = { request: { raw }, abort: () => aborted++ } as unknown as EdgeCall;
  return { raw, client, call, aborted: () => aborted };
}

it("ends a request whose body is still on its way", async () => {
  const { call, client, aborted } = await halfARequest();
  const bodies = watchBodies();
  bodies.watch(call);
  bodies.endWithin(1);
  await expect.poll(aborted).toBe(1);
  client.destroy();
});

it("keeps nothing of a request whose client disconnected before it was admitted", async () => {
  const { raw, call, client, aborted } = await halfARequest();
  raw.on("error", () => {});
  const closed = new Promise((resolve) => raw.once("close", resolve));
  client.destroy();
  await closed;
  const bodies = watchBodies();
  bodies.watch(call);
  const other = await halfARequest();
  bodies.watch(other.call);
  bodies.endWithin(1);
  await expect.poll(other.aborted).toBe(1);
  expect(aborted()).toBe(0);
  other.client.destroy();
});

it("keeps nothing of a request whose response was sent before its body was read", async () => {
  const { raw, call, client, aborted } = await halfARequest();
  const bodies = watchBodies();
  bodies.watch(call);
  bodies.answered(raw);
  const other = await halfARequest();
  bodies.watch(other.call);
  bodies.endWithin(1);
  await expect.poll(other.aborted).toBe(1);
  expect(aborted()).toBe(0);
  other.client.destroy();
  client.destroy();
});
