import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect, it } from "vitest";
import { HttpError } from "../problems/http-error.ts";
import { singleHeader } from "./headers.ts";

/** Returns a request with these header lines as Node.js receives it. */
async function received(...lines: string[]): Promise<IncomingMessage> {
  const server = createServer((_request, response) => response.end()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const arrived = once(server, "request");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.end(["GET / HTTP/1.1", "Host: a", "Connection: close", ...lines, "", ""].join("\r\n"));
  const [request] = await arrived;
  await once(socket.resume(), "close");
  server.close();
  return request;
}

it.each<[string, string[], string | undefined]>([
  ["is absent", ["X-Other: 1"], undefined],
  ["is given once, in any case", ["x-NAME:  a b "], "a b"],
  ["is empty", ["X-Name:"], ""],
  ["has commas", ["X-Name: a, b,,c"], "a, b,,c"],
])("a header that %s has that value", async (_, lines, value) => {
  expect(singleHeader(await received(...lines), "X-Name")).toBe(value);
});

it.each(["X-Name", "Authorization", "Content-Type", "Cookie"])(
  "a header %s that is given twice is refused",
  async (name) => {
    const request = await received(`${name}: a`, `${name.toLowerCase()}: a`);
    expect(() => singleHeader(request, name)).toThrow(HttpError);
  },
);
