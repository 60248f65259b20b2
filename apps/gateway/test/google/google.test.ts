import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { create, createFileRegistry, fromBinary, toJson } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { startUpstream, type Upstream } from "@kontor/rpc/testing";
import { startWatchdog } from "@kontor/servers";
import { childEnvironment, eventually } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const descriptors = fileURLToPath(new URL("google.binpb", import.meta.url));
const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const held = startWatchdog({ signal: "SIGKILL" });
let upstream: Upstream;
let gateway: ChildProcess;
let url: string;
let seen: { rpc: string; request: unknown };
let output = "";

beforeAll(async () => {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, await readFile(descriptors)));
  // Responds with the parts that request and response have in common: whole messages, or fields of the same name.
  upstream = await startUpstream(registry, (method, request) => {
    const json = toJson(method.input, request, { registry });
    seen = { rpc: `${method.parent.name}.${method.name}`, request: json };
    if (method.input === method.output) return request;
    const answer = create(method.output);
    const fields = new Map(method.input.fields.map((field) => [field.localName, field]));
    for (const { localName } of method.output.fields) {
      const value = fields.has(localName) ? (request as unknown as Record<string, unknown>)[localName] : undefined;
      if (value !== undefined) Object.assign(answer, { [localName]: value });
    }
    return answer;
  });
  gateway = spawn(process.execPath, [main], {
    env: childEnvironment({
      GATEWAY_PORT: "0",
      GATEWAY_DESCRIPTORS: descriptors,
      GATEWAY_UPSTREAMS: JSON.stringify({ "*": upstream.address }),
      GATEWAY_AUTH: "off",
    }),
    stdio: ["pipe", "pipe", "pipe"],
  });
  held.hold(gateway);
  for (const stream of [gateway.stdout, gateway.stderr]) stream?.on("data", (chunk: Buffer) => (output += chunk));
  const port = () => /"port":(\d+),"routes"/.exec(output)?.[1];
  await eventually(async () => expect(port()).toBeDefined(), { timeoutMs: 20_000 });
  url = `http://127.0.0.1:${port()}`;
});
afterAll(async () => {
  const ended = once(gateway, "exit");
  gateway.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
  upstream.kill();
  held.release();
});

const none = undefined;
const book = "shelves/s1/books/b1";
const topic = "projects/p/topics/t";
const subscription = "projects/p/subscriptions/s";
const schema = "projects/p/schemas/s";
const labels = { labels: { a: "b" } };
const toShelf = { otherShelfName: "shelves/s2" };
const publish = { messages: [{ data: "aGk=", attributes: { a: "b" }, orderingKey: "k" }] };
const update = { topic: labels, updateMask: "labels" };
/** Method, path, body, the RPC, the request that the upstream receives, and the expected part of the response. */
const cases: [string, string, unknown, string, object, object][] = [
  ["GET", `/v1/${book}`, none, "LibraryService.GetBook", { name: book }, { name: book }],
  [
    "GET",
    "/v1/shelves?pageSize=3&page_token=x",
    none,
    "LibraryService.ListShelves",
    { pageSize: 3, pageToken: "x" },
    {},
  ],
  ["POST", "/v1/shelves", { theme: "Sea" }, "LibraryService.CreateShelf", { shelf: { theme: "Sea" } }, {}],
  ["POST", `/v1/${book}:move`, toShelf, "LibraryService.MoveBook", { name: book, ...toShelf }, { name: book }],
  ["DELETE", `/v1/${book}`, none, "LibraryService.DeleteBook", { name: book }, {}],
  ["PUT", `/v1/${topic}`, labels, "Publisher.CreateTopic", { name: topic, ...labels }, { name: topic, ...labels }],
  ["GET", `/v1/${topic}`, none, "Publisher.GetTopic", { topic }, {}],
  ["POST", `/v1/${topic}:publish`, publish, "Publisher.Publish", { topic, ...publish }, {}],
  ["POST", `/v1/${subscription}:pull`, { maxMessages: 2 }, "Subscriber.Pull", { subscription, maxMessages: 2 }, {}],
  ["PATCH", `/v1/${topic}`, update, "Publisher.UpdateTopic", { ...update, topic: { name: topic, ...labels } }, {}],
  ["GET", `/v1/${schema}:listRevisions`, none, "SchemaService.ListSchemaRevisions", { name: schema }, {}],
];

describe("contracts of Google's, served from the environment alone", () => {
  it.each(cases)("%s %s", async (method, path, body, rpc, request, answer) => {
    const headers = { "Content-Type": "application/json" };
    const response = await fetch(url + path, {
      method,
      ...(body !== undefined && { headers, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    expect(response.status, text).toBe(200);
    expect(seen).toEqual({ rpc, request });
    expect(JSON.parse(text)).toMatchObject(answer);
  });

  it("are declared public", () => {
    expect(output).toContain("GATEWAY_AUTH=off");
  });

  it("respond with 405 and 404 by their routes", async () => {
    const answer = await fetch(`${url}/v1/shelves/s1/books/b1:move`);
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, expect.stringContaining("POST")]);
    expect((await fetch(`${url}/v1/projects/p/nothing`)).status).toBe(404);
  });
});
