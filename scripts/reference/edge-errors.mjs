import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What the edge refuses by itself, before or without any service. */
const meanings = {
  BODY_NOT_ALLOWED: "The route takes no body, and one was sent.",
  BODY_TOO_LARGE: "The body has more bytes than BODY_LIMIT, before or after decompression.",
  EXPECTATION_FAILED: "The Expect header asks for something other than 100-continue.",
  INVALID_BODY: "The body does not fit the contract; `errors` points at the place.",
  INVALID_ENCODING: "The body is not what its Content-Encoding says.",
  INVALID_HEADER: "A header is missing, repeated, malformed, or contradicts the body; `errors` names it.",
  INVALID_JSON: "The body is not JSON: malformed, not UTF-8, nested too deeply, or with too many keys.",
  INVALID_PATH: "A part of the path cannot be decoded, or is not what the contract wants there.",
  INVALID_QUERY: "A query parameter is unknown, repeated, or not what the contract wants; `errors` names it.",
  METHOD_NOT_ALLOWED: "The path exists, but not with this method. `Allow` lists those it takes.",
  ROUTE_NOT_FOUND: "There is nothing at this path.",
  UNSUPPORTED_ENCODING: "The Content-Encoding is not supported. `Accept-Encoding` lists those that are.",
  UNSUPPORTED_MEDIA_TYPE: "The Content-Type is not one that the route takes; JSON is.",
  UPGRADE_REQUIRED: "The RPC talks both ways: open a WebSocket on this route.",
  URL_TOO_LONG: "The URL is longer than the edge reads.",
};

const codes = {
  400: "INVALID_ARGUMENT",
  404: "NOT_FOUND",
  405: "INVALID_ARGUMENT",
  413: "INVALID_ARGUMENT",
  414: "INVALID_ARGUMENT",
  415: "INVALID_ARGUMENT",
  417: "INVALID_ARGUMENT",
  426: "FAILED_PRECONDITION",
};

const fixed = [
  {
    ...{ reason: "INVALID_REQUEST", domain: "any service", grpc: "INVALID_ARGUMENT", http: 400 },
    message: "Fields of the request break the rules; `errors` names each, with what is wrong.",
  },
  {
    ...{ reason: "UNAVAILABLE", domain: "gateway", grpc: "UNAVAILABLE", http: 503 },
    message: "The service behind the route cannot be reached now.",
  },
  {
    ...{ reason: "UNIMPLEMENTED", domain: "gateway", grpc: "UNIMPLEMENTED", http: 501 },
    message: "The service does not serve this call, or not over HTTP.",
  },
];

/** The refusals found in the transcoder's source, each with its explanation. */
export function edgeErrors(root) {
  const sources = globSync("packages/transcoder/src/*.ts", { cwd: root, exclude: ["**/*.test.ts"] });
  const text = sources.map((file) => readFileSync(join(root, file), "utf8")).join("\n");
  const found = [...text.matchAll(/new HttpError\(\s*(\d{3}),\s*"([A-Z_]+)"/g)];
  const statuses = new Map(found.map(([, status, reason]) => [reason, Number(status)]));
  for (const reason of new Set([...statuses.keys(), ...Object.keys(meanings)])) {
    if (!statuses.has(reason))
      throw new Error(`scripts/reference/edge-errors.mjs explains ${reason}, which nobody says.`);
    if (!(reason in meanings)) throw new Error(`scripts/reference/edge-errors.mjs does not explain ${reason}.`);
  }
  const own = [...statuses].map(([reason, http]) => {
    return { reason, domain: "gateway", grpc: codes[http], http, message: meanings[reason] };
  });
  return [...own, ...fixed];
}
