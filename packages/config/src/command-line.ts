import { type ParseArgsOptionsConfig, parseArgs, styleText } from "node:util";

/** The reason why a command does not continue, with the remedy. It is shown without a stack. */
export class Refusal extends Error {}

const HELP = { help: { type: "boolean", default: false } } as const satisfies ParseArgsOptionsConfig;

/**
 * Returns the options of a command by `node:util`'s rules. Prints `help` and returns undefined when `--help` is among them. Throws a
 * {@link Refusal} for an unknown option or argument, and for an empty value, as with an unset variable.
 *
 * ```ts
 * const flags = readFlags(process.argv.slice(2), { limit: { type: "string", default: "10" } }, "list [--limit N]");
 * if (flags) console.log(flags.limit);
 * ```
 */
export function readFlags<const O extends ParseArgsOptionsConfig>(args: readonly string[], options: O, help: string) {
  if (args.includes("--help")) {
    console.log(help);
    return undefined;
  }
  try {
    const { values } = parseArgs({ args: [...args], options: { ...options, ...HELP } });
    const empty = Object.entries(values).find(([, value]) => [value].flat().includes(""));
    if (empty) throw new Error(`--${empty[0]} is empty. Give it a value, or leave it out.`);
    return values as ReturnType<typeof parseArgs<{ options: O }>>["values"]; // TypeScript cannot derive which type has the key `help`.
  } catch (cause) {
    throw new Refusal(`${cause instanceof Error ? cause.message : cause}\n\n${help}`, { cause });
  }
}

/**
 * Returns the whole number that an option was given. Throws a {@link Refusal} that names the option and its range.
 *
 * ```ts
 * wholeNumber("--limit", "20", 1, 500); // 20
 * ```
 */
export function wholeNumber(option: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new Refusal(`${option} must be a whole number from ${min} to ${max}, not "${text}".`);
}

/**
 * Runs a command as a process: the result of `main` becomes the exit code. A {@link Refusal} is printed without a stack and ends the
 * process with `refused`; any other error is a defect and is printed with its stack.
 *
 * ```ts
 * await runCommand(async () => {
 *   if (process.argv.length > 2) throw new Refusal("The command takes no arguments.");
 *   return 0;
 * });
 * ```
 */
export async function runCommand(main: () => Promise<number>, refused = 1): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(styleText("red", describeError(error)));
    process.exitCode = refused;
  }
}

/** Returns the message of a {@link Refusal}, the stack of any other error. */
export function describeError(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  return String(error instanceof Error ? error.stack : error);
}
