import { Refusal } from "./launcher/refusal.ts";
import { red } from "./launcher/terminal.ts";

type Command = { readonly about: string; readonly run: (args: readonly string[]) => Promise<number> };

const commands: Record<string, Command> = {
  doctor: {
    about: "checks an install and says what to do about what is wrong",
    run: async (args) => (await import("./doctor/doctor.ts")).doctor(args),
  },
};

const help = `Looks after an install of Kontor.

  npm run kontor -- <command> [options]

${Object.entries(commands)
  .map(([name, { about }]) => `  ${name.padEnd(10)} ${about}`)
  .join("\n")}

npm run kontor -- <command> --help says more.`;

try {
  const [name = "--help", ...args] = process.argv.slice(2);
  if (name === "--help" || name === "help") console.log(help);
  else process.exitCode = await commandNamed(name).run(args);
} catch (error) {
  console.error(red(error instanceof Refusal ? error.message : String(error instanceof Error ? error.stack : error)));
  process.exitCode = 2;
}

function commandNamed(name: string): Command {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new Refusal(`There is no command "${name}".\n\n${help}`);
  return command;
}
