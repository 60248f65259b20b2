import { Refusal } from "@kontor/config";

/** Splits `list --local` into the action and its options. Without an action it is `list`. Throws a {@link Refusal} for an unknown one. */
export function readAction<const A extends string>(
  args: readonly string[],
  actions: readonly A[],
  help: string,
): { readonly action: A | "list"; readonly rest: readonly string[] } {
  const [first = "", ...rest] = args;
  if (first === "" || first.startsWith("-")) return { action: "list", rest: args };
  const action = actions.find((name) => name === first);
  if (action === undefined) throw new Refusal(`There is no action "${first}".\n\n${help}`);
  return { action, rest };
}

/** Returns the value of an option that an action needs. Throws a {@link Refusal} that names it. */
export function required(option: string, value: string | undefined, help: string): string {
  if (value === undefined || value === "") throw new Refusal(`${option} is missing.\n\n${help}`);
  return value;
}

/** Returns the options with which a printed command reaches the same shop. */
export function placeArguments({
  local,
  data,
  namespace,
  release,
  context,
}: {
  readonly local: boolean;
  readonly data: string;
  readonly namespace?: string;
  readonly release?: string;
  readonly context?: string;
}): string {
  const all = [
    ...(local ? ["--local", ...(data === ".kontor" ? [] : ["--data", data])] : []),
    ...(namespace ? ["--namespace", namespace] : []),
    ...(release ? ["--release", release] : []),
    ...(context ? ["--context", context] : []),
  ];
  return all.map((text) => ` ${text}`).join("");
}
