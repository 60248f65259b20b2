import { getEventListeners } from "node:events";
import { createLogger } from "@kontor/telemetry";
import { eventually, type Nats as Server, startNats } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectOptions, openNats } from "./index.ts";

const silent = createLogger({ service: "test", level: "silent" });
let server: Server;
beforeAll(async () => {
  server = await startNats();
});
afterAll(() => server.stop());

describe("a connection", () => {
  it("leaves no listener on the signal of those that wait for a session", async () => {
    const nats = openNats(connectOptions("talk", { natsUrl: [server.url] }), silent);
    const { signal } = new AbortController();
    for (let n = 0; n < 3_600; n++) await nats.session(signal);
    expect(getEventListeners(signal, "abort")).toEqual([]);
    await server.stop();
    await eventually(() => expect(nats.current()).toBeUndefined());
    const waiting = Promise.all([nats.session(signal), nats.session(signal)]);
    await server.restart();
    expect(await waiting).toHaveLength(2);
    expect(getEventListeners(signal, "abort")).toEqual([]);
    await nats.close();
  });

  it("calls its observers at each change, and at once if NATS is up", async () => {
    const nats = openNats(connectOptions("talk", { natsUrl: [server.url] }), silent);
    const changes: string[] = [];
    const observe = () => nats.observe({ up: () => void changes.push("up"), down: () => void changes.push("down") });
    observe();
    await eventually(() => expect(changes).toEqual(["up"]));
    observe();
    expect(changes).toEqual(["up", "up"]);
    await server.restart();
    await eventually(() => expect(changes).toEqual(["up", "up", "down", "down", "up", "up"]));
    await nats.close();
  });

  it("is cancelled when its session is no longer awaited", async () => {
    const nats = openNats(connectOptions("talk", { natsUrl: ["nats://127.0.0.1:1"] }), silent);
    const controller = new AbortController();
    const session = nats.session(controller.signal);
    controller.abort();
    expect(await session).toBeUndefined();
    await nats.close();
  });
});
