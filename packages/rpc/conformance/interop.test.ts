import { describe, expect, it } from "vitest";
import { CASES, goCallsUs, weCallGo } from "./interop.ts";
import { hasPrograms } from "./programs.ts";

describe.skipIf(!hasPrograms)("grpc-go (npm run conformance:grpc brings it)", () => {
  it.each(CASES)("calls our own HTTP/2: %s", (name) => goCallsUs("lean", [name]), 60_000);

  it.each(["lean", "http2"] as const)(
    "is called by %s",
    async (transport) => {
      const { empty, sizes, status, message, missing } = await weCallGo(transport);
      expect(empty).toMatchObject({});
      expect(sizes).toEqual([0, 1, 16_384, 314_159, 3_000_000]);
      expect(status).toEqual({ code: "UNKNOWN", message });
      expect(missing).toMatchObject({ code: "UNIMPLEMENTED" });
    },
    60_000,
  );
});
