import { registry } from "@kontor/telemetry";
import { eventually } from "@kontor/testing";
import { expect, it } from "vitest";
import { showOpen } from "../src/engine/open-metrics.ts";
import { countOpen } from "../src/store/open-sagas.ts";
import { openEnvironment } from "./environment.ts";

const name = "test.measured.v1";

it("shows how old the oldest saga is, and how long one that is due has waited", async () => {
  const env = await openEnvironment();
  const insert = (id: string, phase: string, due: string) =>
    env.db.query(
      `INSERT INTO sagas (name, id, state, phase, created_at, wake_at)
       VALUES ('${name}', '${id}', '{}', '${phase}', now() - interval '300 s', now() ${due})`,
    );
  const shown = async () => {
    showOpen(await countOpen(env.db), { names: [name], keys: [`${name}/1`] });
    const text = await registry.metrics();
    return (metric: string) => Number(text.match(new RegExp(`^${metric}\\{saga="${name}"\\} (\\S+)$`, "m"))?.[1]);
  };
  try {
    await insert("parked", "parked", "- interval '200 s'");
    const nothing = await shown();
    expect(nothing("kontor_saga_oldest_seconds")).toBe(0);
    expect(nothing("kontor_saga_overdue_seconds")).toBe(0);
    expect(nothing("kontor_sagas_parked")).toBe(1);
    await insert("asleep", "running", "+ interval '60 s'");
    await eventually(async () => expect((await shown())("kontor_saga_oldest_seconds")).toBeGreaterThanOrEqual(300));
    expect((await shown())("kontor_saga_overdue_seconds")).toBe(0);
    await insert("forgotten", "compensating", "- interval '90 s'");
    expect((await shown())("kontor_saga_overdue_seconds")).toBeGreaterThanOrEqual(90);
  } finally {
    await env.close();
  }
});
