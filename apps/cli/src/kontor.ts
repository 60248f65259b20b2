import { Refusal, runCommand } from "@kontor/config";

type Command = { readonly about: string; readonly run: (args: readonly string[]) => Promise<number> };

const commands: Record<string, Command> = {
  doctor: {
    about: "checks an install and names the remedy of each fault",
    run: async (args) => (await import("./doctor/doctor.ts")).doctor(args),
  },
  seed: {
    about: "fills any install with the assortment of the example shop",
    run: async (args) => (await import("./seed-command.ts")).seedCommand(args),
  },
  demo: {
    about: "places orders in any install and shows their timelines",
    run: async (args) => (await import("./demo/demo.ts")).demo(args),
  },
  sagas: {
    about: "shows checkouts and cancellations that do not end; continues or ends them",
    run: async (args) => (await import("./operate/sagas.ts")).sagas(args),
  },
  messages: {
    about: "shows events that a consumer cannot process; retries them or gives them up",
    run: async (args) => (await import("./operate/messages.ts")).messages(args),
  },
  token: {
    about: "prints a service token, to call RPCs that are open to services only",
    run: async (args) => (await import("./identity/token.ts")).token(args),
  },
  "rotate-keys": {
    about: "replaces the keys of running services of `npm start`",
    run: async (args) => (await import("./identity/rotate-keys.ts")).rotate(args),
  },
  client: {
    about: "writes a typed TypeScript client of the shop's contracts, or of yours",
    run: async (args) => (await import("./client-command.ts")).clientCommand(args),
  },
  new: {
    about: "creates a service, an RPC or an event, with tests",
    run: async (args) => (await import("./scaffold/commands.ts")).createNew(args),
  },
  remove: {
    about: "removes the results of `new`",
    run: async (args) => (await import("./scaffold/commands.ts")).remove(args),
  },
};

const help = `Operates an install of Kontor, and adds services to it.

  npm run kontor -- <command> [options]

${Object.entries(commands)
  .map(([name, { about }]) => `  ${name.padEnd(12)} ${about}`)
  .join("\n")}

npm run kontor -- <command> --help shows the options.`;

await runCommand(async () => {
  const [name = "--help", ...args] = process.argv.slice(2);
  if (name !== "--help" && name !== "help") return commandNamed(name).run(args);
  console.log(help);
  return 0;
}, 2);

function commandNamed(name: string): Command {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new Refusal(`There is no command "${name}".\n\n${help}`);
  return command;
}
