import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { nameOf } from "../src/routing/field-path.ts";
import type { MadeRequest } from "./make-request.ts";
import type { Random } from "./random.ts";

type Mutation = (request: MadeRequest, random: Random) => void;

const crumbs = [
  "%2F",
  "%00",
  "%zz",
  "%",
  "..",
  ".",
  "%2e%2e",
  "\\",
  "%5C",
  "//",
  ":",
  ":x",
  "%3A",
  "%25",
  "%ff",
  "\xff",
  "#",
  "?",
  ";",
  " ",
  "é",
];
const names = [
  "__proto__",
  "constructor",
  "toString",
  "id",
  "x",
  "",
  "a.b",
  "a.b.c.d",
  "[0]",
  "%00",
  "%zz",
  "a%2Eb",
  "name",
];
const values = [
  "",
  "1",
  "-1",
  "1e400",
  "null",
  "true",
  "%00",
  "%zz",
  "x".repeat(300),
  "9999999999999999999999",
  "{}",
  "[",
  "+",
];
const headers: readonly (readonly [string, readonly string[]])[] = [
  [
    "Content-Type",
    [
      "text/plain",
      "application/json; charset=utf-8",
      "application/json; charset=utf-16",
      "application/json,x",
      "",
      "*/*",
      'a/b; c="',
      "application/x-ndjson",
    ],
  ],
  ["Content-Encoding", ["gzip", "br", "deflate", "identity", "zstd", "gzip, gzip", ""]],
  ["Accept", ["application/x-ndjson", "text/event-stream", "*/*", "x", "text/event-stream;q=0", ""]],
  ["Expect", ["100-continue", "x"]],
  ["X-Request-Timeout", ["1S", "0S", "1n", "x", "99999999H", "1M"]],
  ["Connection", ["close", "Upgrade", "keep-alive", "x-request-id"]],
  ["Upgrade", ["websocket", "h2c"]],
  ["Authorization", ["Bearer x", "Basic eA==", "Bearer", "Bearer a.b.c"]],
  ["Idempotency-Key", ["k", '"k"', "", "x".repeat(300), "\t"]],
  ["If-None-Match", ["*", '"x"', "W/"]],
  ["grpc-timeout", ["1S"]],
  ["X-Forwarded-For", ["1.2.3.4", "x"]],
  ["traceparent", ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "x"]],
  ["Host", ["x", "a:b:c"]],
  ["Accept-Language", ["de", "\xe9"]],
  ["X-Big", ["x".repeat(40_000)]],
  ["Bad Name", ["x"]],
  ["Transfer-Encoding", ["gzip", "chunked, chunked"]],
  ["Content-Length", ["x", "-1", "5, 6"]],
];

const insertions = [
  ...['"', "{", "}", "[", "]", ",", ":", "\\", "\\u", "\ufeff", "\u0000"],
  ...["1e9999", "-", "null", " ", "\n", "//", "\xff"],
];

const mutations: readonly Mutation[] = [
  function path(request, random) {
    const { path } = request;
    const at = random.int(path.length + 1);
    const gone = random.chance(0.3) ? random.int(4) : 0;
    request.path = path.slice(0, at) + (random.chance(0.8) ? random.pick(crumbs) : "") + path.slice(at + gone);
    if (random.chance(0.02)) request.path += "/x".repeat(5000);
    request.bound = undefined;
  },
  function query(request, random) {
    const all = [...request.route.method.input.fields.map(({ name }) => name), ...names];
    const name = random.pick(all);
    for (let i = random.int(3); i >= 0; i--) request.query.push(`${name}=${random.pick(values)}`);
  },
  function boundQuery(request, random) {
    const { path } = request.route;
    if (path.length === 0) return;
    const { field } = random.pick(path);
    const name = random.chance(0.5) ? nameOf(field) : field.map((step) => step.jsonName).join(".");
    request.query.push(
      `${random.chance(0.3) ? name.replace(/./, encodeFirst) : name}=${random.pick(["9999", "", "x"])}`,
    );
  },
  function method(request, random) {
    request.method = random.pick([
      "GET",
      "HEAD",
      "POST",
      "PUT",
      "PATCH",
      "DELETE",
      "OPTIONS",
      "PURGE",
      "TRACE",
      "get",
      "PRI",
    ]);
  },
  function header(request, random) {
    const [name, options] = random.pick(headers);
    if (random.chance(0.5)) request.headers = request.headers.filter(([other]) => other !== name);
    request.headers.push([name, random.pick(options)]);
  },
  function encoding(request, random) {
    const [name, compress] = random.pick([
      ["gzip", gzipSync],
      ["br", brotliCompressSync],
      ["deflate", deflateSync],
    ] as const);
    const body = request.body ?? Buffer.alloc(0);
    const packed = compress(random.chance(0.1) ? Buffer.alloc(5_000_000, "[") : body);
    request.body = random.chance(0.7) ? packed : packed.subarray(0, random.int(packed.length));
    request.headers.push(["Content-Encoding", name]);
  },
  function bodyBytes(request, random) {
    request.body = spoilt(request.body ?? Buffer.from("{}"), random);
  },
  function bodyKeys(request, random) {
    const text = request.body?.toString() ?? "{}";
    const all = request.route.method.input.fields.flatMap(({ name, jsonName }) => [name, jsonName]);
    const key = random.pick([...all, ...names]);
    const value = random.pick([
      "1",
      '"9999"',
      "null",
      "{}",
      "[]",
      "true",
      '"x"',
      "[null]",
      "1e400",
      '{"a":1,"a":2}',
      '{"__proto__":{}}',
    ]);
    request.body = Buffer.from(text.replace("{", `{${JSON.stringify(key)}:${value}${/\{\s*\}/.test(text) ? "" : ","}`));
  },
  function boundBody(request, random) {
    const { route } = request;
    if (route.path.length === 0 || request.body === undefined) return;
    const { field } = random.pick(route.path);
    const steps = route.body.kind === "field" && route.body.field === field[0] ? field.slice(1) : field;
    let json: unknown = random.pick(["9999", 9999, "", null]);
    for (const step of steps.toReversed()) json = { [random.chance(0.5) ? step.name : step.jsonName]: json };
    request.body = Buffer.from(JSON.stringify(json));
  },
  function deep(request, random) {
    const levels = random.pick([50, 99, 101, 5000, 100_000]);
    request.body = Buffer.from(random.chance(0.5) ? "[".repeat(levels) : '{"a":'.repeat(levels));
  },
  function truncate(request, random) {
    if (request.body !== undefined) request.body = request.body.subarray(0, random.int(request.body.length));
  },
];

/** Mutates a request a few times, or not at all. */
export function mutate(request: MadeRequest, random: Random): void {
  for (let left = random.pick([0, 1, 1, 1, 2, 3]); left > 0; left--) random.pick(mutations)(request, random);
}

function encodeFirst(letter: string): string {
  return `%${letter.charCodeAt(0).toString(16)}`;
}

/** Bytes with something put in, and something taken away. */
export function spoilt(body: Buffer, random: Random): Buffer {
  const at = random.int(body.length + 1);
  const inserted = random.pick(insertions);
  const cut = at + random.int(3);
  const encoded = Buffer.from(inserted, random.chance(0.2) ? "latin1" : "utf8");
  return Buffer.concat([body.subarray(0, at), encoded, body.subarray(cut)]);
}
