import { type DescMessage, fromBinary, toJson } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { RandomWire, randomFrom } from "../fuzz/random-wire.ts";
import { formJson } from "../src/form-json.ts";
import { JsonForm } from "../src/json-form.ts";
import { jsonFromWire } from "../src/wire/json-from-wire.ts";
import { formRules, registry } from "./library.ts";

const form = new JsonForm(formRules);

describe("JSON of a form", () => {
  it("is the same from the wire and from messages, for 4,000 of them", () => {
    const types = [...registry].filter((type): type is DescMessage => type.kind === "message");
    const wire = new RandomWire(randomFrom(3), 0.01);
    let direct = 0;
    for (let i = 0; i < 4_000; i++) {
      const desc = types[i % types.length] as DescMessage;
      const bytes = wire.message(desc);
      const json = jsonFromWire(desc, bytes, undefined, form);
      if (json === undefined) continue;
      direct++;
      const options = { registry, alwaysEmitImplicit: true };
      const expected = JSON.stringify(formJson(desc, toJson(desc, fromBinary(desc, bytes), options), form, registry));
      if (json !== expected) expect(json, Buffer.from(bytes).toString("hex")).toBe(expected);
    }
    expect(direct).toBeGreaterThan(400);
  }, 180_000);
});
