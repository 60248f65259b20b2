import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "./eventually.ts";
import { type Nats, startNats } from "./nats.ts";

describe("a test's nats-server", () => {
  let nats: Nats;
  beforeAll(async () => {
    nats = await startNats();
    const connection = await connect({ servers: nats.url });
    await (await jetstreamManager(connection)).streams.add({ name: "t", subjects: ["t.>"] });
    await jetstream(connection).publish("t.a", "1");
    await connection.close();
  });
  afterAll(() => nats.stop());

  it("keeps its streams over a restart", async () => {
    await nats.restart();
    expect(await messages()).toBe(1);
  });

  it("keeps them over a crash", async () => {
    await nats.kill();
    expect(nats.pid).toBeUndefined();
    await nats.restart();
    expect(await messages()).toBe(1);
  });

  it("loses them when wiped", async () => {
    await nats.wipe();
    await expect(messages()).rejects.toThrow(/stream not found/);
  });

  async function messages(): Promise<number> {
    const connection = await eventually(() => connect({ servers: nats.url }));
    try {
      return (await (await jetstreamManager(connection)).streams.info("t")).state.messages;
    } finally {
      await connection.close();
    }
  }
});
