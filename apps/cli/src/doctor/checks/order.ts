import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Verdict, wrong } from "../finding.ts";
import { onInterrupt } from "../on-interrupt.ts";

/** The script that `helm test` runs in a pod. */
const script = fileURLToPath(new URL("../../../../../charts/kontor/files/place-order.mjs", import.meta.url));

export type Shop = {
  readonly gateway: string;
  readonly email: string;
  readonly password: string;
  readonly remedy: string;
};

/** Places an order as a new shopper, and waits until it is confirmed. The product of the test is then archived, also when interrupted. */
export async function checkOrder({ gateway, email, password, remedy }: Shop): Promise<Verdict> {
  const start = performance.now();
  const { code, said } = await run({ GATEWAY: gateway, STAFF_EMAIL: email, STAFF_PASSWORD: password });
  if (code === 0) return { seen: `placed and confirmed in ${Math.round(performance.now() - start)} ms`, findings: [] };
  const why = /^\s*(?:Error|TypeError|TimeoutError): (.*)$/m.exec(said)?.[1] ?? said.trim().split("\n").at(-1) ?? "";
  const cause = /\[cause\]: \w*Error: (.*)$/m.exec(said)?.[1];
  return { seen: "failed", findings: [wrong("order", cause ? `${why} (${cause})` : why, remedy)] };
}

async function run(env: Record<string, string>): Promise<{ code: number | null; said: string }> {
  // Detached: Ctrl-C in the terminal is for this process, so that the script can clean up.
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, ...env },
    timeout: 120_000,
    detached: true,
  });
  let said = "";
  const hear = (chunk: unknown) => {
    said += chunk;
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  const closed = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  const withdraw = onInterrupt(() => child.kill("SIGINT") && closed);
  const code = await closed.finally(withdraw);
  return { code, said };
}
