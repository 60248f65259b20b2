import { describe, expect, it } from "vitest";
import { affected, apps } from "../../../../scripts/release/affected.ts";
import { chartApps, filesIn, has, images, read, run, yaml } from "./files.ts";

type Step = { uses?: string; run?: string };
type Job = { permissions?: Record<string, string>; steps?: Step[]; uses?: string; "timeout-minutes"?: number };
type Workflow = { on: object; permissions: object; jobs: Record<string, Job> };

const workflows = filesIn(".github/workflows", ".yml").map((path) => ({ path, ...yaml<Workflow>(path) }));
const jobs = workflows.flatMap(({ path, jobs }) => Object.entries(jobs).map(([name, job]) => ({ path, name, ...job })));
const sources = [...filesIn(".github", ".yml")].map((path) => ({ path, text: read(path) }));

describe("the scope of a change", () => {
  it("knows every image, by the bake file", () => {
    expect(apps).toEqual(images);
  });

  it.each<[string, string[]]>([
    ["apps/orders/src/app.ts", ["orders", "host"]],
    ["apps/orders/prisma/migrations/1_init/migration.sql", ["orders", "host"]],
    ["packages/saga/src/index.ts", ["orders", "host"]],
    ["packages/transcoder/src/index.ts", ["gateway", "host"]],
    ["packages/simulator/src/index.ts", ["psp-simulator", "carrier-simulator", "mail-sink", "host"]],
    ["packages/errors/src/index.ts", [...chartApps.slice(0, chartApps.indexOf("psp-simulator")), "host"]],
    ["pnpm-lock.yaml", images],
    ["k8s/images/Dockerfile", images],
    ["apps/orders/test/grpc.test.ts", []],
    ["apps/orders/src/domain/order.test.ts", []],
    ["apps/launcher/src/main.ts", []],
    ["docs/guides/kubernetes.md", []],
  ])("is, for %s, %j", (file, expected) => {
    expect(affected([file])).toEqual(expected);
  });
});

describe("the workflows", () => {
  it("name every action by its commit and its version", () => {
    const used = sources.flatMap(({ text }) => [...text.matchAll(/uses: (\S+)(.*)$/gm)]);
    const foreign = used.filter(([, action]) => !action?.startsWith("./"));
    expect(foreign.length).toBeGreaterThan(10);
    for (const [line] of foreign) expect(line).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it("use one commit of each action", () => {
    const commits = new Map<string, Set<string>>();
    for (const { text } of sources)
      for (const [, action, commit] of text.matchAll(/uses: ([\w/-]+)@([0-9a-f]{40})/g))
        commits.set(action ?? "", (commits.get(action ?? "") ?? new Set()).add(commit ?? ""));
    for (const [action, found] of commits) expect([...found], action).toHaveLength(1);
  });

  it("grant no rights to all jobs, and its own to each job", () => {
    for (const { path, permissions } of workflows) expect(permissions, path).toEqual({});
    const writing = jobs
      .filter(({ permissions }) => Object.values(permissions ?? {}).includes("write"))
      .map(({ path, name }) => `${path.slice(".github/workflows/".length)} ${name}`);
    expect(writing.sort()).toEqual([
      "images.yml publish",
      "images.yml staging",
      "publish.yml image",
      "release.yml chart",
      "release.yml image",
      "release.yml images",
      "release.yml page",
      "release.yml production",
    ]);
  });

  it("let no pull request write", () => {
    for (const { on, jobs } of workflows.filter(({ on }) => "pull_request" in on)) {
      expect(on).not.toHaveProperty("pull_request_target");
      for (const [name, job] of Object.entries(jobs) as [string, Job & { if?: string; needs?: string | string[] }][])
        if (Object.values(job.permissions ?? {}).includes("write"))
          expect(job.if ?? String(job.needs), name).toMatch(/event_name == 'push'|publish/);
    }
  });

  it("put no text of others into a script", () => {
    for (const { path, steps } of jobs) for (const { run } of steps ?? []) expect(run ?? "", path).not.toContain("${{");
  });

  it.skipIf(!has("actionlint", "-version"))("pass actionlint, where it is in PATH", () => {
    expect(run("actionlint", "-no-color")).toBe("");
  });

  it("have time limits", () => {
    for (const job of jobs)
      if (!job.uses) expect(job["timeout-minutes"], `${job.path} ${job.name}`).toBeLessThanOrEqual(40);
  });
});
