import { registry } from "@kontor/telemetry";
import { eventually } from "@kontor/testing";
import { expect, it } from "vitest";
import { openShop } from "./shop.ts";

it("shows depth and age of the outbox, dead letters, and the published and consumed events", async () => {
  const shop = await openShop();
  try {
    await shop.nats.stop();
    await shop.replica().start();
    await shop.say("ann", "hello", "again");
    expect(await registry.metrics()).toMatch(/^kontor_outbox_depth\{service="talk"\} 2$/m);
    await eventually(async () =>
      expect(await registry.metrics()).toMatch(/^kontor_outbox_age_seconds\{service="talk"\} 0\.\d+|[1-9]/m),
    );
    await shop.nats.restart();
    await eventually(async () => expect(await shop.words()).toEqual(["hello", "again"]));
    await eventually(async () => {
      const shown = await registry.metrics();
      expect(shown).toMatch(/^kontor_outbox_depth\{service="talk"\} 0$/m);
      expect(shown).toMatch(/^kontor_outbox_age_seconds\{service="talk"\} 0$/m);
      expect(shown).toMatch(/^kontor_dead_letters\{service="talk"\} 0$/m);
      expect(shown).toMatch(/^kontor_relay_published_total\{service="talk"\} 2$/m);
      expect(shown).toMatch(
        /^kontor_consumer_messages_total\{consumer="talk-words",type="google.protobuf.StringValue",result="processed"\} 2$/m,
      );
      expect(shown).toMatch(/^kontor_consumer_lag_seconds_count\{consumer="talk-words"\} 2$/m);
      expect(shown).toMatch(/^kontor_consumer_pending\{consumer="talk-words"\} 0$/m);
    });
  } finally {
    await shop.close();
  }
});
