import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { Refusal } from "@kontor/config";

const MOST_REQUESTS = 200;

/** The options of every rehearsal. */
const common = {
  helm: { type: "string", default: "helm" },
  context: { type: "string" },
  registry: { type: "string", default: "" },
  rate: { type: "string", default: "10" },
  only: { type: "string", multiple: true, default: [] },
  keep: { type: "boolean", default: false },
  json: { type: "string" },
  help: { type: "boolean", default: false },
} as const satisfies ParseArgsOptionsConfig;

/** Returns the options of the command line beyond {@link common}. Undefined for --help, which is printed then. @throws Refusal */
export function readCommandLine<O extends ParseArgsOptionsConfig>(
  args: readonly string[],
  own: O,
  { help, acts }: { readonly help: string; readonly acts: readonly string[] },
) {
  const values = parse(args, own, help);
  const { helm, context, registry, only, keep, json } = values.common;
  if (values.common.help) {
    console.log(help);
    return undefined;
  }
  const unknown = only.find((name) => !acts.includes(name));
  if (unknown !== undefined) throw new Refusal(`There is no act "${unknown}". There are: ${acts.join(", ")}.`);
  const rate = Number(values.common.rate);
  if (!(rate >= 1 && rate <= MOST_REQUESTS)) throw new Refusal(`--rate must be a number from 1 to ${MOST_REQUESTS}.`);
  for (const [option, value] of Object.entries(values.common))
    if (value === "" && option !== "registry") throw new Refusal(`--${option} must not be empty.`);
  return { common: { helm, context, registry, rate, only, keep, json }, own: values.own };
}

function parse<O extends ParseArgsOptionsConfig>(args: readonly string[], own: O, help: string) {
  const config = { args: [...args], strict: true } as const;
  try {
    const { values } = parseArgs({ ...config, options: { ...common, ...own } });
    // Two views of the same values: TypeScript cannot assign the keys of the union to its parts.
    return {
      common: values as ReturnType<typeof parseArgs<{ options: typeof common }>>["values"],
      own: values as ReturnType<typeof parseArgs<{ options: O }>>["values"],
    };
  } catch (cause) {
    throw new Refusal(`${cause instanceof Error ? cause.message : cause}\n\n${help}`);
  }
}
