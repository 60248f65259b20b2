import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Refusal } from "@kontor/config";
import { messageOf } from "./finding.ts";
import { forwarded } from "./port-forward.ts";

/** kubectl of PATH, limited to one cluster and one namespace. */
export type Kubectl = {
  /** For messages: which cluster that is. */
  readonly cluster: string;
  /** Undefined: the current one. */
  readonly context: string | undefined;
  readonly namespace: string;
  /** How a command would be typed, for remedies. */
  readonly typed: (command: string) => string;
  run(args: readonly string[], options?: RunOptions): Promise<string>;
  get<T>(...args: readonly string[]): Promise<T>;
  /** Runs a script by Node in a container, which needs no shell. */
  node(pod: string, container: string, script: string, timeoutMs?: number): Promise<string>;
  /** Forwards a port of this machine to `port` of `target`, such as `pod/kontor-orders-0` or `service/kontor-nats`. */
  forward<T>(target: string, port: number, work: (port: number) => Promise<T>): Promise<T>;
  in(namespace: string): Kubectl;
};

type RunOptions = { input?: string | undefined; timeoutMs?: number | undefined };
type Place = { context?: string | undefined; namespace?: string | undefined };

const run = promisify(execFile);

/** Where Node is in images: distroless ones first, then those with a PATH. */
const nodes = ["/nodejs/bin/node", "node"];

export function kubectl({ context, namespace = "" }: Place): Kubectl {
  const where = [...(context ? ["--context", context] : []), ...(namespace ? ["--namespace", namespace] : [])];

  async function execute(args: readonly string[], { input, timeoutMs = 60_000 }: RunOptions = {}): Promise<string> {
    const promise = run("kubectl", [...where, ...args], { timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024 });
    promise.child.stdin?.on("error", () => undefined).end(input);
    try {
      return (await promise).stdout;
    } catch (error) {
      throw explained(error, args);
    }
  }

  const self: Kubectl = {
    cluster: context ? `context ${context}` : "the current context",
    context,
    namespace,
    typed: (command) => `kubectl ${[...where, command].join(" ")}`,
    run: execute,
    get: async (...args) => JSON.parse(await execute(["get", ...args, "--output", "json"])),
    async node(pod, container, script, timeoutMs) {
      const missing: unknown[] = [];
      for (const node of nodes) {
        const command = ["exec", pod, "--container", container, "--", node, "--input-type=module", "--eval", script];
        try {
          return await execute(command, { timeoutMs });
        } catch (error) {
          if (!/no such file|not found/i.test(messageOf(error))) throw error;
          missing.push(error);
        }
      }
      throw missing[0];
    },
    forward: (target, port, work) => forwarded([...where, "port-forward", target, `:${port}`], work),
    in: (other) => kubectl({ context, namespace: other }),
  };
  return self;
}

function explained(error: unknown, args: readonly string[]): Error {
  const { code, stderr, killed } = error as { code?: unknown; stderr?: string; killed?: boolean };
  if (code === "ENOENT")
    return new Refusal("kubectl is not in PATH. Install it: https://kubernetes.io/docs/tasks/tools/");
  const command = `kubectl ${args.slice(0, 3).join(" ")} …`;
  if (killed) return new Error(`${command} did not respond in time.`, { cause: error });
  const said = (stderr ?? "").trim();
  if (
    /connection refused|no configuration|current-context|was refused|no such host|context .* does not exist/i.test(said)
  )
    return new Refusal(
      [
        `No cluster responds: ${said.split("\n").at(-1)}`,
        "Set KUBECONFIG or choose a context: kubectl config get-contexts. For the shop of npm start, add --local.",
      ].join("\n"),
      { cause: error },
    );
  return new Error(said === "" ? messageOf(error) : `${command}: ${said}`, { cause: error });
}
