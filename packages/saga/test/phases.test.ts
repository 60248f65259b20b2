import { readFile } from "node:fs/promises";
import { rowsOf } from "@kontor/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { phaseDiagram, phases, transitions } from "../src/index.ts";
import { type Environment, openEnvironment } from "./environment.ts";

let env: Environment;
beforeAll(async () => {
  env = await openEnvironment();
});
afterAll(() => env.close());

/** Returns the texts that a CHECK constraint of the migrated table admits. */
async function admitted(constraint: string): Promise<string[]> {
  const [row] = await rowsOf<{ text: string }>(
    env.db,
    "SELECT pg_get_constraintdef(oid) AS text FROM pg_constraint WHERE conname = $1",
    [constraint],
  );
  return [...(row?.text ?? "").matchAll(/'([^']+)'/g)].map(([, name = ""]) => name).sort();
}

/** Returns the predicate of an index of the migrated table. */
async function predicate(index: string): Promise<string[]> {
  const [row] = await rowsOf<{ text: string }>(
    env.db,
    "SELECT pg_get_expr(indpred, indrelid) AS text FROM pg_index WHERE indexrelid = $1::regclass",
    [index],
  );
  return [...(row?.text ?? "").matchAll(/'([^']+)'/g)].map(([, name = ""]) => name).sort();
}

const names = (...kinds: string[]) =>
  Object.entries(phases)
    .flatMap(([name, kind]) => (kinds.includes(kind) ? [name] : []))
    .sort();

describe("the table of phases and transitions", () => {
  it("equals the constraints and the indexes of the database", async () => {
    expect(await admitted("sagas_phase_check")).toEqual(names("active", "stopped", "ended"));
    expect(await admitted("sagas_resume_phase_check")).toEqual(names("active"));
    expect(await predicate("sagas_due_idx")).toEqual(names("active"));
    expect(await predicate("sagas_parked_idx")).toEqual(names("stopped"));
    expect(await predicate("sagas_ended_idx")).toEqual(names("ended"));
  });

  it("leaves no phase without a way in, and only the ended ones without a way out", () => {
    const reached = new Set(["running", ...transitions.map(({ to }) => to)]);
    const left = new Set(transitions.map(({ from }) => from));
    expect([...reached].sort()).toEqual(names("active", "stopped", "ended"));
    expect([...left].sort()).toEqual(names("active", "stopped"));
  });

  it("is the diagram in the README", async () => {
    const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
    expect(readme).toContain(`\`\`\`mermaid\n${phaseDiagram()}\n\`\`\``);
  });
});
