import type { Backlog } from "@kontor/saga";
import { describe, expect, it } from "vitest";
import { createAdmission } from "./checkout-admission.ts";

const idle: Backlog = { waiting: 0, oldestMs: 0, endedPerSecond: 0 };

function anAdmission(line: { now: Backlog }) {
  let clock = 0;
  let readings = 0;
  const backlog = async () => {
    readings += 1;
    return line.now;
  };
  const admission = createAdmission({ backlog, maxWaitMs: 5_000, now: () => clock });
  const later = (ms: number) => {
    clock += ms;
  };
  return { ...admission, readings: () => readings, later };
}

const overloaded = (retryAfterMs: number) =>
  expect.objectContaining({ code: "UNAVAILABLE", reason: "OVERLOADED", retryAfterMs });

describe("admitting an order", () => {
  it("is refused while the oldest checkout has waited too long, with the time until a retry", async () => {
    await expect(anAdmission({ now: { ...idle, waiting: 3, oldestMs: 5_001 } }).admit()).rejects.toEqual(
      overloaded(2_501),
    );
    await expect(anAdmission({ now: { ...idle, waiting: 3, oldestMs: 5_000 } }).admit()).resolves.toBeTypeOf(
      "function",
    );
    await expect(anAdmission({ now: { ...idle, oldestMs: 90_000 } }).admit()).rejects.toEqual(overloaded(10_000));
  });

  it("is refused as soon as a burst is longer than the shop can fulfil in that time", async () => {
    const burst = { waiting: 101, oldestMs: 400, endedPerSecond: 20 };
    await expect(anAdmission({ now: burst }).admit()).rejects.toEqual(overloaded(2_550));
    await expect(anAdmission({ now: { ...burst, waiting: 100 } }).admit()).resolves.toBeTypeOf("function");
  });

  it("is granted after a pause, when no rate is known", async () => {
    await expect(anAdmission({ now: { ...idle, waiting: 64, oldestMs: 10 } }).admit()).resolves.toBeTypeOf("function");
    await expect(anAdmission({ now: { ...idle, waiting: 65, oldestMs: 10 } }).admit()).rejects.toEqual(
      overloaded(10_000),
    );
  });

  it("counts the orders that are being placed, until they are placed or not", async () => {
    const admission = anAdmission({ now: idle });
    const placing = await Promise.all(Array.from({ length: 65 }, () => admission.admit()));
    await expect(admission.admit()).rejects.toEqual(overloaded(10_000));
    for (const leave of placing) {
      leave();
      leave();
    }
    await expect(Promise.all(Array.from({ length: 65 }, () => admission.admit()))).resolves.toHaveLength(65);
  });

  it("reads the line once for all orders of a tenth of a second, and uses that reading until the next has come", async () => {
    const line = { now: idle };
    const admission = anAdmission(line);
    await Promise.all([admission.admit(), admission.admit(), admission.admit()]);
    line.now = { ...idle, oldestMs: 60_000 };
    admission.later(99);
    await admission.admit();
    expect(admission.readings()).toBe(1);
    admission.later(1);
    await admission.admit();
    expect(admission.readings()).toBe(2);
    await expect(admission.admit()).rejects.toThrow();
    expect(admission.readings()).toBe(2);
  });

  it("reads the line before it decides after a pause of two seconds", async () => {
    const line = { now: idle };
    const admission = anAdmission(line);
    await admission.admit();
    line.now = { ...idle, oldestMs: 60_000 };
    admission.later(2_000);
    await expect(admission.admit()).rejects.toThrow();
  });

  it("decides at once while the database is slow or fails", async () => {
    let clock = 0;
    let fail = (_: Error) => {};
    const readings = [
      Promise.resolve({ ...idle, oldestMs: 60_000 }),
      new Promise<Backlog>((_, reject) => (fail = reject)),
    ];
    const admission = createAdmission({
      backlog: () => readings.shift() as Promise<Backlog>,
      maxWaitMs: 5_000,
      now: () => clock,
    });
    await expect(admission.admit()).rejects.toEqual(overloaded(10_000));
    clock += 1_000;
    await expect(admission.admit()).rejects.toEqual(overloaded(10_000));
    fail(new Error("The database is unreachable."));
    await expect(admission.admit()).rejects.toEqual(overloaded(10_000));
    readings.push(Promise.resolve(idle));
  });

  it("reads the line once at a time while the database is slow", async () => {
    let readings = 0;
    let clock = 0;
    const { promise, resolve } = Promise.withResolvers<Backlog>();
    const backlog = () => {
      readings += 1;
      return promise;
    };
    const admission = createAdmission({ backlog, maxWaitMs: 5_000, now: () => (clock += 1_000) });
    const admitted = Promise.all([admission.admit(), admission.admit(), admission.admit()]);
    resolve(idle);
    expect(await admitted).toHaveLength(3);
    expect(readings).toBe(1);
  });

  it("reads the line again after a reading that failed", async () => {
    let fails = true;
    const backlog = async () => {
      if (fails) throw new Error("The database is unreachable.");
      return idle;
    };
    const admission = createAdmission({ backlog, maxWaitMs: 5_000, now: () => 0 });
    await expect(admission.admit()).rejects.toThrow("unreachable");
    fails = false;
    await expect(admission.admit()).resolves.toBeTypeOf("function");
  });
});
