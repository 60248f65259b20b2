import { KontorError } from "@kontor/errors";
import { bothNames } from "@kontor/nats";
import { topology } from "@kontor/shop";
import { SessionEndedSchema } from "@kontor/shop/contracts/users/v1/events";
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
async function end(sessionId: string, subject: string = SessionEndedSchema.typeName): Promise<void> {
  const headers = natsHeaders();
  headers.set("ce-partitionkey", sessionId);
  publisher.publish(subject, "", { headers });
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

it.each(bothNames(topology, SessionEndedSchema.typeName))("the event %s ends a stream", async (subject) => {
  const stream = await watch(subject);
  await end(subject, subject);
  await stream.read;
  expect(stream.text()).toContain("TOKEN_REVOKED");
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

  it("may still call public RPCs, as without a token", async () => {
    await end("s-9");
    await expect.poll(async () => (await ask("/api/v1/orders/o1", "s-9")).status).toBe(401);
    expect((await ask("/api/v1/products/P-1", "s-9")).status).toBe(200);
  });
});

describe("a gateway that starts after a session ended", () => {
  const ask = (of: Shop, sid: string) =>
    of.fetch("/api/v1/orders/o1", {
      headers: { Authorization: `Bearer ${of.token("ada", "orders.read", { sid })}` },
    });

  it("refuses its tokens from the first request on, however many pages of sessions there are", async () => {
    const pages = [{ sessionIds: ["old-1"], nextPageToken: "p2" }, { sessionIds: ["old-2"] }];
    const restarted = await startShop({ warmUpMs: 20_000 }, [], undefined, async () => pages.shift() ?? {});
    restarted.script = () => ({});
    for (const sid of ["old-1", "old-2"])
      expect(await (await ask(restarted, sid)).json()).toMatchObject({ reason: "TOKEN_REVOKED" });
    expect((await ask(restarted, "open")).status).toBe(200);
    await restarted.stop();
  });

  it("accepts no token of a session until the users service has sent its list, and public calls all the time", async () => {
    let down = true;
    const restarted = await startShop({ warmUpMs: 0 }, [], undefined, async () => {
      if (down) throw new KontorError({ code: "UNAVAILABLE", reason: "DOWN", domain: "test", message: "Down." });
      return { sessionIds: ["old"] };
    });
    restarted.script = () => ({});
    const refused = await ask(restarted, "open");
    expect([refused.status, await refused.json()]).toEqual([
      503,
      expect.objectContaining({ reason: "SESSIONS_UNAVAILABLE" }),
    ]);
    expect((await restarted.fetch("/api/v1/products/P-1")).status).toBe(200);
    down = false;
    await expect.poll(async () => (await ask(restarted, "open")).status, { timeout: 15_000 }).toBe(200);
    expect((await ask(restarted, "old")).status).toBe(401);
    await restarted.stop();
  });

  it("accepts tokens next to a users service of the version before, which has no list", async () => {
    const restarted = await startShop({ warmUpMs: 20_000 }, [], undefined, async () => {
      throw new KontorError({ code: "UNIMPLEMENTED", reason: "NONE", domain: "test", message: "Unknown." });
    });
    restarted.script = () => ({});
    expect((await ask(restarted, "open")).status).toBe(200);
    await restarted.stop();
  });
});
