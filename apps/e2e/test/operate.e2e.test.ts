import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { connectOptions } from "@kontor/nats";
import { eventually, rowsOf } from "@kontor/testing";
import { jetstream } from "@nats-io/jetstream";
import { connect, headers } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Shop, type Shopper, startShop } from "./shop.ts";

let shop: Shop;
let shopper: Shopper;
beforeAll(async () => {
  shop = await startShop({ "carrier-simulator": { STEP_MS: "200", PICKUP_MS: "200" } });
  shopper = await shop.shopper();
}, 120_000);
afterAll(() => shop?.stopAll(), 60_000);

vi.setConfig({ testTimeout: 180_000 }); // Each command is a separate process.
const patient = { timeoutMs: 60_000 };

const main = fileURLToPath(new URL("../../cli/src/kontor.ts", import.meta.url));

/** Runs `npm run kontor -- …` on the shop. */
async function kontor(command: string, ...args: string[]): Promise<{ code: number; output: string }> {
  const all = [main, ...command.split(" "), "--local", "--data", shop.dataDir, ...args];
  return promisify(execFile)(process.execPath, all).then(
    ({ stdout }) => ({ code: 0, output: stdout }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, output: stderr }),
  );
}

/** Parks the checkout of a new order, as a refusal after its pivot does. Resolves to the order. */
async function parked(product: string): Promise<string> {
  const { body } = await shopper.place(product, { paymentMethod: "tok_3ds" });
  await eventually(async () => expect((await shopper.order(body.id)).actionUrl).toBeTruthy());
  const park = `UPDATE sagas SET phase = 'parked', resume_phase = phase, last_error = 'TEST: parked' WHERE id = $1`;
  await shop.database("orders").query(park, [body.id]);
  return body.id;
}

describe("kontor sagas", () => {
  it("shows a parked checkout and its steps, and resumes it", async () => {
    expect(await kontor("sagas")).toMatchObject({ code: 0, output: expect.stringContaining("No saga is parked") });
    const id = await parked(await shop.product(5));
    const { output } = await kontor("sagas list");
    expect(output).toContain(`parked  orders.checkout.v1 --id ${id}`);
    expect(output).toContain("TEST: parked");
    expect(output).toContain(`npm run kontor -- sagas resume --local --data ${shop.dataDir} --id ORDER`);
    expect((await kontor("sagas show", "--id", id)).output).toMatch(/reserve-stock {2}run {2}done/);

    expect(await kontor("sagas resume", "--id", id)).toEqual({
      code: 0,
      output: `orders.checkout.v1 of ${id} continues.\n`,
    });
    const { actionUrl } = await shopper.order(id);
    await fetch(`${actionUrl}?outcome=succeed`);
    await shopper.until(id, "completed");
  });

  it("ends a parked checkout: the order is cancelled, its stock is back and nothing is charged", async () => {
    const product = await shop.product(5);
    const id = await parked(product);
    expect((await kontor("sagas end", "--id", id)).output).toContain("--reason is missing");
    expect(await kontor("sagas end", "--id", id, "--reason", "goods broken")).toMatchObject({ code: 0 });
    await shopper.until(id, "cancelled");
    expect(await shop.charged(id)).toBe(0);
    expect(await shop.stockOf(product)).toMatchObject({ available: 5, held: 0 });
  });

  it("reports the fault of an order that is not parked, and of an unknown action", async () => {
    const id = randomUUID();
    expect(await kontor("sagas resume", "--id", id)).toMatchObject({
      code: 2,
      output: expect.stringContaining(`No saga of ${id}`),
    });
    expect(await kontor("sagas stop")).toMatchObject({ code: 2, output: expect.stringContaining('no action "stop"') });
  });
});

describe("kontor messages", () => {
  it("shows a dead letter, retries it, and resolves it for a reason", async () => {
    expect(await kontor("messages")).toMatchObject({ code: 0, output: expect.stringContaining("No consumer has") });
    const id = await poison();
    const open = async () => (await kontor("messages list")).output;
    const line = `dead letter  --consumer orders-shipping --message ${id}`;
    await eventually(async () => expect(await open()).toContain(line), patient);

    const chosen = ["--consumer", "orders-shipping", "--message", id];
    expect(await kontor("messages retry", ...chosen)).toMatchObject({ code: 0 });
    await eventually(async () => expect(await open()).toContain("after 2 attempts"), patient);
    expect((await kontor("messages give-up", ...chosen)).output).toContain("--reason is missing");
    expect(await kontor("messages give-up", ...chosen, "--reason", "not ours")).toMatchObject({ code: 0 });
    expect(await open()).not.toContain(id);
    expect(await kontor("messages retry", ...chosen)).toMatchObject({
      code: 2,
      output: expect.stringContaining("no open dead letter"),
    });
  });

  it("refuses a consumer that does not exist, and names those there are", async () => {
    const refused = await kontor("messages retry", "--consumer", "orders-mail", "--message", randomUUID());
    expect(refused).toMatchObject({ code: 2, output: expect.stringContaining("orders-payments, orders-shipping") });
  });

  it("retries the first message of a key that waits for its back-off", async () => {
    const order = await shopper.place(await shop.product(5));
    await shopper.until(order.body.id, "completed");
    const [letter] = await rowsOf<{ id: string }>(
      shop.database("orders"),
      `INSERT INTO deferred_messages (consumer, message_id, type, key, payload, headers, stream_seq, event_time, attempts, last_error, next_attempt_at)
       VALUES ('orders-shipping', gen_random_uuid(), 'shop.shipping.v1.ShipmentPickedUp', 'x', '', '{}', 1, now(), 3, 'locked', now() + interval '1 h')
       RETURNING message_id AS id`,
    );
    const id = letter?.id ?? "";
    expect((await kontor("messages")).output).toContain(`retried  --consumer orders-shipping --message ${id}`);
    await kontor("messages retry", "--consumer", "orders-shipping", "--message", id);
    // It carries no event id, so its consumer refuses it.
    const line = `dead letter  --consumer orders-shipping --message ${id}`;
    await eventually(async () => expect((await kontor("messages")).output).toContain(line), patient);
  });
});

/** Publishes a message that no consumer can decode, as the service that owns the stream. Resolves to its id. */
async function poison(): Promise<string> {
  const id = randomUUID();
  const connection = await connect(connectOptions("shipping", { natsUrl: [shop.natsUrl("shipping")] }));
  const envelope = headers();
  envelope.set("ce-id", id);
  envelope.set("ce-source", "/kontor/shipping");
  envelope.set("ce-partitionkey", "no-such-order");
  await jetstream(connection).publish("shop.shipping.v1.ShipmentPickedUp", "not a protobuf", { headers: envelope });
  await connection.close();
  return id;
}
