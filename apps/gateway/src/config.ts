import { choice, duration, flag, integer, list, optionalText, port, type Settings, text } from "@kontor/config";
import { natsSettings } from "@kontor/nats";

/** The settings of the gateway, in addition to those of every process. */
export const settings = {
  host: text("GATEWAY_HOST", { default: "127.0.0.1", doc: "Address that REST listens on; 0.0.0.0 in a container." }),
  port: port("GATEWAY_PORT", { default: 8080, doc: "Port of REST; 0 takes a free one." }),
  metricsPort: port("METRICS_PORT", { default: 0, doc: "Port of /metrics, /livez and /readyz; 0 takes a free one." }),
  upstreams: text("GATEWAY_UPSTREAMS", {
    doc: "JSON object from proto service, or `*`, to `host:port`, `dns:///name:port`, `kubernetes:///service.namespace:port`, or a list of them with commas. A service that it does not name is where another one of its package is.",
  }),
  resolveEvery: duration("UPSTREAM_RESOLVE_EVERY", {
    default: "5s",
    min: 1,
    doc: "How often names of upstreams are resolved again.",
  }),
  rpcRetries: flag("RPC_RETRIES", {
    default: true,
    doc: "Whether failed calls are repeated; `off` where a mesh repeats them.",
  }),
  grpcClient: choice("GATEWAY_GRPC_CLIENT", {
    values: ["lean", "http2", "grpc-js"],
    default: "lean",
    doc: "The transport of unary calls: Kontor's own HTTP/2, a client on node:http2, or grpc-js. Streams always use grpc-js.",
  }),
  descriptors: optionalText("GATEWAY_DESCRIPTORS", {
    doc: "Path of a binary FileDescriptorSet with its imports. Default: the shop's own contracts.",
  }),
  auth: choice("GATEWAY_AUTH", {
    values: ["on", "off"],
    default: "on",
    doc: "`off` serves contracts that carry none of our options to anyone.",
  }),
  tokenIssuer: text("TOKEN_ISSUER", { default: "https://kontor.local", doc: "`iss` of access tokens." }),
  tokenAudience: text("TOKEN_AUDIENCE", { default: "kontor", doc: "`aud` of access tokens." }),
  corsOrigins: list("CORS_ORIGINS", {
    default: [],
    doc: "Origins whose pages may call, such as `https://shop.example`; `:*` is any port, `*` any origin. Default: none.",
  }),
  trustedProxies: list("TRUSTED_PROXIES", {
    default: [],
    doc: "Addresses or CIDR ranges whose X-Forwarded headers are believed. Default: none.",
  }),
  forwardedHeaders: list("FORWARDED_HEADERS", {
    default: ["webhook-id", "webhook-timestamp", "webhook-signature", "accept-language"],
    doc: "Request headers that upstreams receive as metadata, next to `Authorization`, which `GATEWAY_AUTH=off` passes on only if it is named here.",
  }),
  bodyLimit: integer("BODY_LIMIT", {
    default: 4 * 1024 * 1024,
    min: 1024,
    max: 256 * 1024 * 1024,
    doc: "Bytes of a request body, before and after decompression.",
  }),
  validation: flag("GATEWAY_VALIDATION", {
    default: true,
    doc: "Whether requests that violate the rules of their contract are refused before the call; `off` leaves it to the services.",
  }),
  deadlineDefault: duration("DEADLINE_DEFAULT", {
    default: "15s",
    min: 1,
    doc: "The deadline of a call whose contract sets none.",
  }),
  deadlineCap: duration("DEADLINE_CAP", {
    default: "30m",
    min: 1,
    max: 3_599_999,
    doc: "The longest deadline of any call, above those of contracts and clients.",
  }),
  ...natsSettings(
    [],
    " Replicas share rate limits, idempotency keys and changes by it. Default: none, each replica is on its own.",
  ),
  natsReplicas: integer("NATS_REPLICAS", {
    default: 1,
    min: 1,
    max: 5,
    doc: "The number of NATS servers that store these counters and keys.",
  }),
  rateLimits: text("GATEWAY_RATE_LIMITS", {
    default: "{}",
    doc: 'JSON object from class to `{"limit": 600, "windowSeconds": 60, "failClosed": false}`, over the built-in classes.',
  }),
  cacheBytes: integer("CACHE_BYTES", {
    default: 32 * 1024 * 1024,
    min: 0,
    max: 4 * 1024 * 1024 * 1024,
    doc: "Bytes of cached responses in memory. Each compressed form adds about a fifth.",
  }),
  compressFrom: integer("COMPRESS_FROM", {
    default: 2_048,
    min: 0,
    max: 256 * 1024 * 1024,
    doc: "Bytes from which JSON and text of reads are compressed, by zstd, br or gzip as the client accepts. 0 compresses nothing, for an ingress that does.",
  }),
  idempotencyKept: duration("IDEMPOTENCY_KEPT", {
    default: "24h",
    min: 60_000,
    doc: "The time for which responses of calls with an idempotency key are replayed. It applies when the bucket is created.",
  }),
  accessLogPercent: integer("ACCESS_LOG_PERCENT", {
    default: 100,
    min: 0,
    max: 100,
    doc: "Per cent of the requests with a status below 400 that have a line in the access log. All others always have one.",
  }),
  problemBase: text("PROBLEM_BASE", {
    default: "/docs/errors/",
    doc: "What the `type` of a problem starts with; the reason in lower-case-with-dashes follows. The gateway serves these pages if it is a path.",
  }),
  apiDocument: flag("API_DOCUMENT", {
    default: true,
    doc: "Whether `/openapi.json` and `/openapi.yaml` describe the routes.",
  }),
  apiPage: choice("API_PAGE", {
    values: ["on", "off", "auto"],
    default: "auto",
    doc: "Whether `/docs` shows the API and calls it; `auto` does unless NODE_ENV is `production`. Needs API_DOCUMENT.",
  }),
  apiTitle: text("API_TITLE", { default: "Kontor", doc: "The title of that description." }),
  apiVersion: text("API_VERSION", { default: "1.0.0", doc: "The version of the API in that description." }),
} satisfies Settings;
