import type { Call, Reply } from "@kontor/transcoder";
import { describe, expect, it } from "vitest";
import { compressing, keepingCodings } from "./compress.ts";
import { chooseCoding } from "./content-coding.ts";

const reply: Reply = { status: 200, headers: { "Content-Type": "application/json" }, body: "x".repeat(1_000) };
const call = { request: { method: "GET", headers: { "accept-encoding": "gzip" } } } as unknown as Call;
const send = (sent: Reply) => compressing(async () => sent, chooseCoding(100), [])(call, async () => sent);

describe("a response", () => {
  it("that is cached is compressed once, also when its headers change", async () => {
    const kept = keepingCodings(reply);
    const [first, second] = await Promise.all([send(kept), send({ ...kept, headers: { ...reply.headers, Age: "1" } })]);
    expect(second.body).toBe(first.body);
    expect((await send(reply)).body).not.toBe(first.body);
  });

  it.each<[string, Record<string, string>]>([
    ["that is encoded already", { "Content-Encoding": "gzip" }],
    ["that must not be transformed", { "Cache-Control": "public, no-transform" }],
    ["of another type", { "Content-Type": "image/png" }],
    ["of unknown type", { "Content-Type": "" }],
  ])("%s is left alone", async (_, headers) => {
    const sent = { ...reply, headers: { ...reply.headers, ...headers } };
    expect(await send(sent)).toBe(sent);
  });

  it.each(["application/problem+json", "text/csv; charset=utf-8", "application/json; charset=utf-8"])(
    "of type %s is compressed",
    async (type) => {
      const { headers } = await send({ ...reply, headers: { "Content-Type": type } });
      expect(headers).toMatchObject({ "Content-Encoding": "gzip", Vary: "Accept-Encoding" });
    },
  );
});
