import { expect, it } from "vitest";
import { hasH2spec, runH2spec } from "./h2spec.ts";

it.skipIf(!hasH2spec)(
  "the server passes h2spec (npm run conformance:http2 brings it)",
  async () => {
    const { report, passed } = await runH2spec();
    expect(passed, report.slice(report.indexOf("Failures:"))).toBe(true);
  },
  120_000,
);
