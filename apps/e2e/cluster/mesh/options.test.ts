import { Refusal } from "@kontor/config";
import { describe, expect, it } from "vitest";
import { readOptions } from "./options.ts";

describe("the command line of npm run e2e:mesh", () => {
  it.each([
    ["--gateway without --url", ["--gateway", "edge/traefik"]],
    ["--url without --gateway", ["--url", "http://10.0.0.7"]],
    ["a Gateway without a namespace", ["--gateway", "traefik", "--url", "http://10.0.0.7"]],
    ["an address that is no URL", ["--gateway", "edge/traefik", "--url", "there"]],
    [
      "an act together with --gateway, which has its own",
      ["--gateway", "edge/traefik", "--url", "http://a", "--only", "outlier"],
    ],
    ["an act that there is not", ["--only", "encore"]],
    ["an unknown option", ["--skip-build"]],
  ])("refuses %s", (_, args) => expect(() => readOptions(args)).toThrow(Refusal));

  it("takes acts by their names", () =>
    expect(readOptions(["--only", "blue-green", "--only", "outlier"])?.only).toEqual(["blue-green", "outlier"]));
});
