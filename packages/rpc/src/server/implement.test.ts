import { Health } from "@kontor/contracts/grpc/health/v1/health";
import { describe, expect, it } from "vitest";
import { implement } from "./implement.ts";

const check = async () => ({ status: 1 });
async function* watch() {
  yield { status: 1 };
}

describe("an implementation", () => {
  it("handles every RPC of the contract", () => {
    expect(implement(Health, { check, watch }).service).toBe(Health);
  });

  it("neither compiles nor starts without one of them", () => {
    // @ts-expect-error watch is missing
    expect(() => implement(Health, { check })).toThrow("Watch has no handler");
  });

  it("does not compile with a misspelt request or response field", () => {
    implement(Health, {
      // @ts-expect-error the request has no `servce`
      check: async ({ servce }) => ({ status: servce ? 1 : 2 }),
      watch,
    });
    // @ts-expect-error the response has no `sttus`
    implement(Health, { check: async () => ({ status: 1, sttus: 1 }), watch });
    // @ts-expect-error the contract has no such RPC
    implement(Health, { check, watch, chek: check });
    // @ts-expect-error a stream is not a promise
    implement(Health, { check, watch: check });
  });
});
