import { readFlags } from "@kontor/config";

export type DoctorOptions = {
  readonly namespace?: string;
  readonly release?: string;
  readonly context?: string;
  readonly local: boolean;
  readonly data: string;
  readonly order: boolean;
  readonly json: boolean;
};

const help = `Checks an install of Kontor and names the remedy of each fault.

  npm run kontor -- doctor [options]

  --namespace NAME   where it is installed (default: the only namespace with an install, else that of the context)
  --release NAME     the name it was installed under (default: the only one there)
  --context NAME     the cluster, as kubectl knows it (default: the current one)
  --local            check what \`npm start\` runs on this machine instead
  --data DIR         where \`npm start\` keeps its state (default .kontor)
  --no-order         place no order. Otherwise a new shopper places one, for a product that no list of the shop shows
  --json             the result as JSON on stdout; progress goes to stderr
  --help             this

Needs kubectl in PATH and rights to read the namespace, its Secrets included, to exec and to forward ports.
Ends with 0 when nothing is wrong (there may be warnings), 1 when something is, 2 when it could not look.`;

const flags = {
  namespace: { type: "string", short: "n" },
  release: { type: "string" },
  context: { type: "string" },
  local: { type: "boolean", default: false },
  data: { type: "string", default: ".kontor" },
  "no-order": { type: "boolean", default: false },
  json: { type: "boolean", default: false },
} as const;

/** Returns the options of the command line. Undefined for --help, which is printed then. Throws a Refusal. */
export function readDoctorOptions(args: readonly string[]): DoctorOptions | undefined {
  const values = readFlags(args, flags, help);
  if (!values) return undefined;
  const { "no-order": noOrder, ...others } = values;
  return { ...others, order: !noOrder };
}
