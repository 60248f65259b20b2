import { type Nats, startNats } from "@kontor/testing";
import { connect, type NatsConnection, headers as natsHeaders } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Shop, startShop } from "./shop.ts";

let nats: Nats;
let publisher: NatsConnection;
let shop: Shop;
beforeAll(async () => {
  nats = await startNats();
  publisher = await connect({ servers: nats.url });
  shop = await startShop({ natsUrl: [nats.url] });
  shop.script = (rpc, _request, { signal }) => (rpc === "watchOrder" ? watching(signal) : {});
});
afterAll(async () => {
  await shop.stop();
  await publisher.close();
  await nats.stop();
});

async function* watching(signal: AbortSignal) {
  yield { order: { id: "o1", version: 1 } };
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}

async function watch(sid: string) {
  const token = shop.token("ada", "orders.read", { sid });
  const answer = await shop.fetch("/api/v1/orders/o1:watch", {
    headers: { Authorization: `Bearer ${token}`, Accept: "text/event-stream" },
  });
  let text = "";
  let ended = false;
  const read = (async () => {
    for await (const chunk of answer.body ?? []) text += Buffer.from(chunk).toString();
    ended = true;
  })();
  await expect.poll(() => text).toContain("o1");
  return { read, text: () => text, ended: () => ended };
}
async function end(sessionId: string): Promise<void> {
  const headers = natsHeaders();
  headers.set("ce-partitionkey", sessionId);
  publisher.publish("kontor.users.v1.SessionEnded", "", { headers });
  await publisher.flush();
}

describe("the streams of a session that ends", () => {
  it("end with UNAUTHENTICATED, all of them and no others", async () => {
    await expect
      .poll(() => shop.logged.filter(({ up }) => up !== undefined).at(-1)?.up, { timeout: 10_000 })
      .toBe(true);
    const [one, two, other] = [await watch("s-1"), await watch("s-1"), await watch("s-2")];
    await end("s-1");
    for (const stream of [one, two]) {
      await stream.read;
      expect(stream.text()).toContain("TOKEN_REVOKED");
    }
    await end("s-3");
    expect(other.ended()).toBe(false);
    await end("s-2");
    await other.read;
    expect(other.text()).toContain("TOKEN_REVOKED");
  });
});

describe("a token of a session that has ended", () => {
  const ask = (path: string, sid: string) => {
    const token = shop.token("ada", "orders.read", { sid });
    return shop.fetch(path, { headers: { Authorization: `Bearer ${token}`, Accept: "text/event-stream" } });
  };

  it.each(["/api/v1/orders/o1:watch", "/api/v1/orders/o1"])("opens no stream and makes no call: %s", async (path) => {
    const sid = `ended ${path}`;
    await end(sid);
    await expect.poll(async () => (await ask(path, sid)).status).toBe(401);
    const refused = await ask(path, sid);
    expect(refused.headers.get("www-authenticate")).toContain("invalid_token");
    expect(await refused.json()).toMatchObject({ reason: "TOKEN_REVOKED" });
    shop.seen.splice(0);
    await ask(path, sid);
    expect(shop.seen).toEqual([]);
  });

  it("may still call what is public, as without a token", async () => {
    await end("s-9");
    await expect.poll(async () => (await ask("/api/v1/orders/o1", "s-9")).status).toBe(401);
    expect((await ask("/api/v1/products/P-1", "s-9")).status).toBe(200);
  });
});
