import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { expect, it } from "vitest";

it("the client of the whole shop has at most 15 kB gzipped, and imports nothing but itself", async () => {
  const input = fileURLToPath(new URL("../src/client/gen/client.ts", import.meta.url));
  const bundle = await rolldown({ input, platform: "browser", logLevel: "silent" });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  await bundle.close();
  const [{ code, imports }] = output;
  const bytes = gzipSync(code).length;
  console.log(`client of the shop: ${code.length} B minified, ${bytes} B gzipped`);
  expect([output.length, imports]).toEqual([1, []]);
  expect(bytes).toBeLessThanOrEqual(15_000);
});
