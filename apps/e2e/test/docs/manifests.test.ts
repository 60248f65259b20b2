import { globSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { read, root } from "../delivery/files.ts";

const { version } = JSON.parse(read("package.json")) as { version: string };
/** The apps that others may import: code of the shop, and the tools that start and operate it. */
const SHARED = ["@kontor/cli", "@kontor/launcher", "@kontor/shop-edge", "@kontor/shop"];

const manifests = globSync("{apps,packages,examples}/*/package.json", { cwd: root }).sort();

describe("the manifest", () => {
  it.each(manifests)("%s has the version of the release, the licence and a description", (path) => {
    expect(JSON.parse(read(path))).toMatchObject({
      version,
      license: "Apache-2.0",
      private: true,
      description: expect.stringMatching(/\.$/),
    });
  });

  it("of an app has no entry point, unless it is code that apps share", () => {
    const apps = manifests.filter((path) => path.startsWith("apps/")).map((path) => JSON.parse(read(path)));
    expect(apps.filter((one) => "exports" in one || "main" in one).map(({ name }) => name)).toEqual(SHARED);
  });
});
