import { invalid, KontorError, violation } from "@kontor/errors";
import { describe, expect, it } from "vitest";
import { eventsOf, handleEach } from "./webhook-events.ts";

const message = (body: string) => ({ id: "m-1", timestamp: "", signature: "", body: Buffer.from(body) });
const refusal = () => invalid([violation("payload", "NOT_JSON")], "test");
const unavailable = () =>
  new KontorError({ code: "UNAVAILABLE", reason: "AWAY", domain: "test", message: "It is away." });

describe("the events of a webhook", () => {
  it("are its body, or the elements of an array with ids of their own", () => {
    expect(eventsOf(message('{"id":"e-1"}'))).toEqual([{ id: "m-1", content: { id: "e-1" }, field: "payload" }]);
    expect(eventsOf(message('[{"id":"e-1"},{"id":7},null]'))).toEqual([
      { id: "e-1", content: { id: "e-1" }, field: "payload[0]" },
      { id: undefined, content: { id: 7 }, field: "payload[1]" },
      { id: undefined, content: null, field: "payload[2]" },
    ]);
  });

  it("are handled in the order of their key, also when others fail", async () => {
    const handled: string[] = [];
    const events = ["a1", "b1", "a2", "b2", "c1"].map((name) => () => name);
    const poison = () => {
      throw refusal();
    };
    const handle = async (name: string) => {
      await Promise.resolve();
      if (name === "b1") throw refusal();
      handled.push(name);
    };
    const each = handleEach([...events, poison, () => undefined], (name) => name.slice(0, 1), handle);
    await expect(each).rejects.toMatchObject({ reason: "INVALID_REQUEST" });
    expect(handled.filter((name) => name.startsWith("a"))).toEqual(["a1", "a2"]);
    expect(handled).not.toContain("b2");
    expect(handled).toContain("c1");
  });

  it("fail with what a repetition may cure, rather than with a refusal", async () => {
    const handle = async (error: Error) => Promise.reject(error);
    const failures = (...errors: Error[]) =>
      handleEach(
        errors.map((error) => () => error),
        (error) => error.message,
        handle,
      );
    await expect(failures(refusal(), unavailable())).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await expect(failures(refusal(), new TypeError("a bug"))).rejects.toThrow("a bug");
  });
});
