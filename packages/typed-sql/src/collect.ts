import { subscribe } from "node:diagnostics_channel";
import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { DefinedStatement } from "@kontor/postgres";

const CHANNEL: typeof import("@kontor/postgres").STATEMENT_CHANNEL = "kontor.statement";

/** The statements of the modules that a process imports from now on. */
export interface Collector {
  /** Imports the modules in `source` that define statements, and returns those of `owner`. */
  statementsOf(owner: string, source: string): Promise<readonly DefinedStatement[]>;
}

/** Collects the statements of all modules that are imported after this call. A module defines its statements once per process. */
export function collectStatements(): Collector {
  const found = new Map<string, DefinedStatement[]>();
  subscribe(CHANNEL, (message) => {
    const statement = message as DefinedStatement;
    found.set(statement.owner, [...(found.get(statement.owner) ?? []), statement]);
  });
  return {
    async statementsOf(owner, source) {
      for await (const name of glob("**/*.ts", { cwd: source, exclude: (path) => /(^gen$|\.test\.ts$)/.test(path) })) {
        const file = join(source, name);
        if (/from "(\.\.?\/)+gen\/statements\.ts"/.test(await readFile(file, "utf8")))
          await import(pathToFileURL(file).href);
      }
      return found.get(owner) ?? [];
    },
  };
}
