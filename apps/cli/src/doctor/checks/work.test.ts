import { describe, expect, it } from "vitest";
import { stuckWork } from "./work.ts";

const problems = (text: string) => stuckWork({ process: "orders", text }).map(({ problem }) => problem);

describe("stuck work in metrics", () => {
  it("is none where nothing waits", () => {
    expect(problems("# HELP kontor_dead_letters x\nkontor_dead_letters 0\nkontor_outbox_age_seconds 0.2\n")).toEqual(
      [],
    );
  });

  it("is summed up over labels", () => {
    const text = 'kontor_sagas_parked{saga="a"} 1\nkontor_sagas_parked{saga="b"} 2\n';
    expect(problems(text)).toEqual(["3 sagas stopped and wait for an operator."]);
  });

  it("is an event that NATS does not take", () => {
    expect(problems("kontor_outbox_age_seconds 75.4\n")).toEqual(["Its oldest event waits for NATS since 75 s."]);
  });

  it("does not mistake a longer name for a shorter one", () => {
    expect(problems("kontor_dead_letters_total 5\n")).toEqual([]);
  });
});
