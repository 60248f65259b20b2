import { Refusal } from "@kontor/config";
import { eventKind } from "./kinds/event.ts";
import type { Kind } from "./kinds/kind.ts";
import { rpcKind } from "./kinds/rpc.ts";
import { serviceKind } from "./kinds/service.ts";

const kinds: Readonly<Record<string, Kind>> = { service: serviceKind, rpc: rpcKind, event: eventKind };

type Command = "create" | "remove";

const wordOf = (command: Command) => (command === "create" ? "new" : "remove");

const overview = (command: Command) => `${command === "create" ? "Creates" : "Removes"} a service, an RPC or an event.

${Object.entries(kinds)
  .map(
    ([name, { usage, about }]) =>
      `  npm run kontor -- ${wordOf(command)} ${name} ${usage[command]}\n      ${about[command]}`,
  )
  .join("\n")}

npm run kontor -- ${wordOf(command)} <kind> --help shows the options.`;

/** `kontor new`: returns the exit code. */
export const createNew = (args: readonly string[]): Promise<number> => dispatch("create", args);

/** `kontor remove`: returns the exit code. */
export const remove = (args: readonly string[]): Promise<number> => dispatch("remove", args);

async function dispatch(command: Command, [name = "", ...args]: readonly string[]): Promise<number> {
  if (name === "--help") {
    console.log(overview(command));
    return 0;
  }
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (kind === undefined)
    throw new Refusal(
      `"${name}" is not known here; it must be one of ${Object.keys(kinds).join(", ")}.\n\n${overview(command)}`,
    );
  kind[command](args);
  return 0;
}
