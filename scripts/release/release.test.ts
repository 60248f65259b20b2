import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parseChange } from "./change-files.ts";
import { readSection, sectionOf, withSection } from "./changelog.ts";
import { nextVersion } from "./plan.ts";

const root = resolve(fileURLToPath(import.meta.url), "../../..");
const one = (type: "major" | "minor" | "patch", summary = "orders: it works") => ({ file: "x.md", type, summary });

describe("the next version", () => {
  it.each<["major" | "minor" | "patch", string, string]>([
    ["patch", "0.1.0", "0.1.1"],
    ["minor", "0.1.0", "0.2.0"],
    ["major", "0.1.0", "0.2.0"],
    ["patch", "1.4.2", "1.4.3"],
    ["minor", "1.4.2", "1.5.0"],
    ["major", "1.4.2", "2.0.0"],
  ])("after a change of type %s is, from %s, %s", (type, current, next) => {
    expect(nextVersion(current, [one("patch"), one(type)])).toBe(next);
  });

  it("needs a change", () => {
    expect(() => nextVersion("0.1.0", [])).toThrow("nothing to release");
  });
});

describe("a change file", () => {
  it.each([
    ["an unknown type", "---\nkontor: huge\n---\n\norders: x"],
    ["another name", "---\n'@kontor/orders': minor\n---\n\norders: x"],
    ["no text", "---\nkontor: minor\n---\n"],
    ["no area", "---\nkontor: minor\n---\n\nIt works."],
  ])("with %s is refused by name", (_, text) => {
    expect(() => parseChange(".changeset/a.md", text)).toThrow(".changeset/a.md");
  });

  it("without a version changes nothing for users", () => {
    expect(parseChange("a.md", "---\n---\n\ntests: await conditions")).toBeUndefined();
  });
});

describe("the changelog", () => {
  it("has the newest release first, its changes by type, and links to the upgrade notes", () => {
    const section = sectionOf("0.2.0", "2026-11-30", [one("patch", "saga: b\n\nmore"), one("major", "orders: a")]);
    const changelog = withSection("# Changelog\n\n## 0.1.0 (2026-11-21)\n\nThe first.\n", section);
    expect(changelog.match(/^##+ .*$/gm)).toEqual([
      "## 0.2.0 (2026-11-30)",
      "### Breaking changes",
      "### Fixes",
      "## 0.1.0 (2026-11-21)",
    ]);
    expect(changelog).toContain("docs/guides/upgrading.md#020-2026-11-30");
    expect(changelog).toContain("- saga: b\n\n  more\n");
    expect(readSection(changelog, "0.1.0")).toBe("The first.\n");
    expect(() => readSection(changelog, "0.3.0")).toThrow("0.3.0");
  });
});

describe("npm run release, in a clone", () => {
  const clone = mkdtempSync(join(tmpdir(), "kontor-release-"));
  const author = {
    GIT_AUTHOR_NAME: "a",
    GIT_AUTHOR_EMAIL: "a@example.com",
    GIT_COMMITTER_NAME: "a",
    GIT_COMMITTER_EMAIL: "a@example.com",
  };
  const env = { ...process.env, ...author };
  const git = (...args: string[]) => execFileSync("git", args, { cwd: clone, encoding: "utf8", env });
  const release = (...args: string[]) =>
    spawnSync(process.execPath, [join(root, "scripts/release/release.ts"), ...args], {
      cwd: clone,
      encoding: "utf8",
      env,
    });
  const read = (path: string) => readFileSync(join(clone, path), "utf8");
  const commit = (message: string) => {
    git("add", "--all");
    git("commit", "--quiet", "--message", message);
  };

  beforeAll(() => {
    execFileSync("git", ["clone", "--quiet", root, clone], { stdio: "pipe" });
    for (const file of globSync(".changeset/*.md", { cwd: clone })) rmSync(join(clone, file));
    writeFileSync(join(clone, ".changeset/README.md"), "# Change files\n");
    writeFileSync(
      join(clone, "docs/guides/upgrading.md"),
      "# Upgrading\n\n## Next release\n\nRestart it.\n\n## 0.1.0 (2026-11-21)\n\nNothing.\n",
    );
    commit("prepare");
  });
  afterAll(() => rmSync(clone, { recursive: true, force: true }));

  it("says what is missing when there is nothing to release", () => {
    const { status, stderr } = release();
    expect(status).toBe(1);
    expect(stderr).toContain("nothing to release");
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it("writes nothing without --write", () => {
    writeFileSync(join(clone, ".changeset/a.md"), "---\nkontor: minor\n---\n\norders: an order has a number\n");
    writeFileSync(join(clone, ".changeset/b.md"), "---\n---\n\ntests: await conditions\n");
    commit("orders: give an order a number");
    const { status, stdout } = release("--version", "7.0.0");
    expect(status).toBe(0);
    expect(stdout).toContain("- orders: an order has a number");
    expect(git("status", "--porcelain")).toBe("");
  });

  it("refuses a tree that has changes, and a version that is not higher", () => {
    writeFileSync(join(clone, "LICENSE"), "changed");
    expect(release("--write").stderr).toContain("Commit or stash");
    git("checkout", "--quiet", "LICENSE");
    expect(release("--version", "0.0.1").stderr).toContain("0.0.1");
  });

  it("gives everything one version, writes changelog and upgrade notes, commits and tags", () => {
    expect(release("--write", "--version", "7.0.0", "--date", "2026-12-01").stderr).toBe("");
    expect(git("status", "--porcelain")).toBe("");
    expect(git("tag", "--points-at", "HEAD").trim()).toBe("v7.0.0");
    expect(git("log", "-1", "--format=%s").trim()).toBe("release: 7.0.0");

    const manifests = ["package.json", ...globSync("{apps,packages}/*/package.json", { cwd: clone })];
    expect(new Set(manifests.map((path) => JSON.parse(read(path)).version))).toEqual(new Set(["7.0.0"]));
    for (const path of globSync("charts/*/Chart.yaml", { cwd: clone })) {
      const chart: { version: string; dependencies?: { version: string }[] } = parse(read(path));
      expect(
        [chart.version, ...(chart.dependencies ?? []).map(({ version }) => version)].filter((v) => v !== "7.0.0"),
      ).toEqual([]);
    }
    expect(parse(read("charts/kontor/values-production.yaml")).global.image.tag).toBe("7.0.0");
    expect(read("charts/kontor/test/golden/values-production.yaml")).toContain("/kontor/orders:7.0.0");

    expect(readSection(read("CHANGELOG.md"), "7.0.0")).toContain("- orders: an order has a number");
    expect(read("docs/guides/upgrading.md")).toBe(
      "# Upgrading\n\n## Next release\n\nNothing so far.\n\n## 7.0.0 (2026-12-01)\n\nRestart it.\n\n## 0.1.0 (2026-11-21)\n\nNothing.\n",
    );
    expect(existsSync(join(clone, ".changeset/a.md")) || existsSync(join(clone, ".changeset/b.md"))).toBe(false);
  });

  it("is preceded by a check that what users run has a change file", () => {
    const check = () =>
      spawnSync(process.execPath, [join(root, "scripts/release/change.ts"), "--check", "v7.0.0"], { cwd: clone, env });
    writeFileSync(join(clone, "packages/money/src/a.test.ts"), "");
    commit("money: test a");
    expect(check().status).toBe(0);
    writeFileSync(join(clone, "packages/money/src/a.ts"), "");
    commit("money: add a");
    expect(String(check().stderr)).toContain("packages/money/src/a.ts");
    writeFileSync(join(clone, ".changeset/c.md"), "---\n---\n\nmoney: add a\n");
    commit("money: describe a");
    expect(check().status).toBe(0);
  });

  it("makes no second release of the same changes", () => {
    expect(release("--write").stderr).toContain("nothing to release");
  });
});
