import { readFile } from "node:fs/promises";
import { type SagaShape, shapeOf } from "@kontor/saga";
import { describe, expect, it } from "vitest";
import type { Carts, Orders } from "../ports.ts";
import { defineCancellations } from "./cancellation.ts";
import { defineCheckouts } from "./checkout.ts";

const orders = {} as Orders;
const carts = {} as Carts;
const now = () => new Date(0);
const sagas = [...defineCheckouts({ orders, carts, now, deadlineMs: 1 }), ...defineCancellations({ orders, now })];
const stored: readonly SagaShape[] = JSON.parse(await readFile(new URL("shapes.json", import.meta.url), "utf8"));

describe("the definitions that sagas in flight rely on", () => {
  it.each(sagas.map(shapeOf))("have the steps in shapes.json: $name, version $version", (shape) => {
    const known = stored.find(({ name, version }) => name === shape.name && version === shape.version);
    const advice = `Version ${shape.version} of ${shape.name} changed: give the changed steps a new version, and add it to shapes.json.`;
    expect(known, advice).toEqual(shape);
  });
});
