import { existsSync } from "node:fs";
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

  it.each([
    ["kontor_dead_letters", "FROM dead_letters WHERE resolved_at IS NULL;", "docs/runbooks/dead-letters.md"],
    ["kontor_sagas_parked", "curl -s <gateway>/api/v1/operations/sagas:parked", "docs/runbooks/saga-parked.md"],
  ])("of %s is looked at by a command, and ended as a page says that there is", (metric, command, page) => {
    const [finding] = stuckWork({ process: "orders", text: `${metric} 1\n` });
    expect(finding?.remedy).toContain(command);
    expect(finding?.remedy).toContain(page);
    expect(existsSync(new URL(`../../../../../${page}`, import.meta.url))).toBe(true);
  });

  it("is an event that NATS does not take", () => {
    expect(problems("kontor_outbox_age_seconds 75.4\n")).toEqual(["Its oldest event waits for NATS since 75 s."]);
  });

  it("does not mistake a longer name for a shorter one", () => {
    expect(problems("kontor_dead_letters_total 5\n")).toEqual([]);
  });
});
