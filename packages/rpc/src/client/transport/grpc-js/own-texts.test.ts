import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Metadata } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { OWN_TEXTS } from "./own-texts.ts";
import { failureOf } from "./status-failure.ts";

const folder = dirname(createRequire(import.meta.url).resolve("@grpc/grpc-js"));
const source = readdirSync(folder)
  .filter((name) => name.endsWith(".js"))
  .map((name) => readFileSync(join(folder, name), "utf8"))
  .join();
/** Texts of Node.js that grpc-js passes on. */
const ofNode = ["Session closed with error code", "NGHTTP2_REFUSED_STREAM"];

const status = (code: number, details: string, entries: Record<string, string> = {}) => {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(entries)) metadata.set(name, value);
  return { code, details, metadata };
};

describe("a failure that grpc-js reports itself", () => {
  it.each(OWN_TEXTS.filter(({ text }) => !ofNode.includes(text)))(
    "is described as the table has it: $text",
    ({ text }) => {
      expect(source).toContain(text);
    },
  );

  it.each([
    ["No connection established. Last error: null. Resolution note: ", 14, { code: 14, unsent: true }],
    ["Name resolution failed for target dns:nowhere:1", 14, { code: 14, unsent: true }],
    ["Channel closed before call started", 14, { code: 14, unsent: true }],
    ["Stream refused by server", 14, { code: 14, unsent: true }],
    ["Write error: Stream closed with error code NGHTTP2_REFUSED_STREAM", 14, { code: 14, unsent: true }],
    ["Connection dropped", 14, { code: 14, unsent: false, transport: false }],
    ["Call cancelled", 1, { code: 14, unsent: false, transport: false }],
    ["read ECONNRESET", 14, { code: 14, unsent: false, transport: false }],
    [
      "Received RST_STREAM with code 2 triggered by internal client error: Session closed with error code 2",
      13,
      { code: 14, transport: false },
    ],
    ["Received RST_STREAM with code 2", 13, { code: 13, transport: true }],
    ["Received HTTP status code 404", 12, { code: 12, transport: true }],
    ["Received message larger than max (9 vs 4)", 8, { code: 8, transport: true, tooLarge: false }],
    ["No status information received", 2, { code: 2, transport: true }],
  ])("has its facts as fields: %s", (text, code, facts) => {
    expect(failureOf(status(code, text))).toMatchObject({ answered: false, ...facts });
  });
});

describe("a failure that a server reports", () => {
  const trailers = { "content-type": "application/grpc" };

  it("is the server's, also with a text of grpc-js", () => {
    const failure = failureOf(status(14, "No connection established", trailers));
    expect(failure).toMatchObject({ code: 14, answered: true, unsent: false });
  });

  it("is the server's after the headers of its response, also without trailers", () => {
    const failure = failureOf(status(14, "No connection established"), true);
    expect(failure).toMatchObject({ code: 14, answered: true, unsent: false, began: true });
  });

  it.each([
    "Received message larger than max (9 vs 4)",
    "grpc: received message larger than max (9 vs. 4)",
    "gRPC message exceeds maximum size 4: 9",
  ])("reports that the request is too large: %s", (text) => {
    expect(failureOf(status(8, text, trailers))).toMatchObject({ code: 8, answered: true, tooLarge: true });
  });

  it("is not taken for a request that is too large because of a quota", () => {
    expect(failureOf(status(8, "Quota exceeded.", trailers))).toMatchObject({ answered: true, tooLarge: false });
  });
});
