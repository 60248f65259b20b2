import { setTimeout as sleep } from "node:timers/promises";
import type { Json } from "./fields.ts";
import { invalidRequest } from "./fields.ts";
import type { Answer } from "./http-api.ts";
import { HttpError } from "./http-error.ts";

/** Faults that a test turns on through `POST /v1/control`. They live in memory; a restart clears them. */
export interface Faults {
  /** Sends each webhook twice. */
  duplicateWebhooks: boolean;
  /** Waits before the first attempt of each webhook. */
  delayWebhooksMs: number;
  /** Delays every second webhook so that a later one overtakes it. */
  reorderWebhooks: boolean;
  /** Destroys the connection instead of sending every n-th successful response to an operation; 0 means never. */
  dropAnswersEvery: number;
  /** Responds with 503 to this many operations, without any effect. */
  failNext: number;
  /** Waits before each operation. */
  latencyMs: number;
}

/** Returns all faults, disabled. */
export function noFaults(): Faults {
  return {
    duplicateWebhooks: false,
    delayWebhooksMs: 0,
    reorderWebhooks: false,
    dropAnswersEvery: 0,
    failNext: 0,
    latencyMs: 0,
  };
}

/** Sets the knobs named in the body and leaves the others. An unknown knob or a wrong type is refused and sets nothing. */
export function turnKnobs<K extends object>(knobs: K, body: Json): void {
  const known = new Map<string, unknown>(Object.entries(knobs));
  for (const [name, value] of Object.entries(body)) {
    if (!known.has(name)) throw invalidRequest(`There is no knob "${name}", only ${[...known.keys()].join(", ")}.`);
    const natural = typeof value !== "number" || (Number.isSafeInteger(value) && value >= 0);
    if (typeof value !== typeof known.get(name) || !natural) {
      throw invalidRequest(`"${name}" must be a ${typeof known.get(name) === "number" ? "whole number" : "boolean"}.`);
    }
  }
  Object.assign(knobs, body);
}

/** Applies the active faults to an operation. */
export function createFaultyCalls(faults: Faults): (operation: () => Answer) => Promise<Answer> {
  let answered = 0;
  return async (operation) => {
    if (faults.latencyMs > 0) await sleep(faults.latencyMs);
    if (faults.failNext > 0) {
      faults.failNext -= 1;
      throw new HttpError(503, "unavailable", "Not now, and nothing was done.");
    }
    const answer = operation();
    answered += 1;
    const dropped = faults.dropAnswersEvery > 0 && answered % faults.dropAnswersEvery === 0;
    return dropped ? { ...answer, loseAfterMs: 0 } : answer;
  };
}
