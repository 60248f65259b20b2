import { gauge } from "@kontor/telemetry";
import { type Definitions, keyOf } from "../definition/definitions.ts";
import type { OpenSagas } from "../store/open-sagas.ts";

const phases = gauge("kontor_sagas", "Sagas that have not ended, by phase.", ["saga", "phase"]);
const parked = gauge("kontor_sagas_parked", "Sagas that stopped and wait for an operator. Alerts above 0.", ["saga"]);

const oldest = gauge("kontor_saga_oldest_seconds", "Age of the oldest saga that has not ended and is not parked.", [
  "saga",
]);
const overdue = gauge("kontor_saga_overdue_seconds", "How long the saga that is due the longest waits for an engine.", [
  "saga",
]);

const byDefinition = gauge(
  "kontor_sagas_by_definition",
  "Sagas that have not ended, by version of their definition; known: whether this process has it.",
  ["saga", "version", "known"],
);

/** Shows the sagas that have not ended. `names` and `keys` are those of the definitions that this process has. */
export function showOpen(
  rows: readonly OpenSagas[],
  { names, keys }: Pick<Definitions<unknown>, "names" | "keys">,
): void {
  for (const name of new Set([...names, ...shown, ...rows.map((row) => row.name)])) {
    shown.add(name);
    const mine = rows.filter((row) => row.name === name);
    const count = (phase: string) => sum(mine.filter((row) => row.phase === phase));
    for (const phase of ["running", "compensating", "parked"]) phases.set({ saga: name, phase }, count(phase));
    parked.set({ saga: name }, count("parked"));
    const open = mine.filter(({ phase }) => phase !== "parked");
    oldest.set({ saga: name }, Math.max(0, ...open.map(({ age }) => age)));
    overdue.set({ saga: name }, Math.max(0, ...open.map((row) => row.overdue)));
  }
  byDefinition.reset();
  for (const key of new Set([...keys, ...rows.map(keyOf)])) {
    const [saga, version] = [key.slice(0, key.lastIndexOf("/")), key.slice(key.lastIndexOf("/") + 1)];
    const known = String(keys.includes(key));
    byDefinition.set({ saga, version, known }, sum(rows.filter((row) => keyOf(row) === key)));
  }
}

/** Names that a gauge has shown: they fall to 0 when the last saga ends. */
const shown = new Set<string>();

function sum(rows: readonly OpenSagas[]): number {
  return rows.reduce((total, { count }) => total + Number(count), 0);
}
