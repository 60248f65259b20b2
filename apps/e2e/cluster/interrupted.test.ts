import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, it } from "vitest";

const script = `
  import { kubectl } from ${JSON.stringify(import.meta.resolve("@kontor/cli"))};
  import { tellWhatIsLeft } from ${JSON.stringify(new URL("interrupted.ts", import.meta.url).href)};
  tellWhatIsLeft(kubectl({ context: "far", namespace: "kontor-mesh" }));
  console.log("ready");
  setTimeout(() => {}, 30_000);`;

it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s ends a run, and prints how to remove the rest",
  async (signal) => {
    const child = spawn(process.execPath, ["--input-type=module", "--eval", script]);
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += chunk;
    });
    await once(child.stdout, "data");
    child.kill(signal);
    const [code] = await once(child, "close");
    expect(code).toBe(1);
    expect(said).toContain("kubectl --context far --namespace kontor-mesh delete namespace kontor-mesh");
  },
);
