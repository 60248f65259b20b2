import { expect, it } from "vitest";
import { settings } from "./config.ts";
import { help } from "./help.ts";

it("names every setting", () => {
  for (const { variable } of Object.values(settings)) expect(help()).toContain(`  ${variable} `);
});
