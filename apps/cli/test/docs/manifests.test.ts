import { globSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { read, root } from "../delivery/files.ts";

const { version } = JSON.parse(read("package.json")) as { version: string };
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
});
