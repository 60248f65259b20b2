import { type Config, ConfigError, type ConfigProblem, readConfig, type Settings } from "@kontor/config";
import { serviceSettings } from "./service-settings.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** A service or edge of a group, with the table of its settings. */
export interface Configured {
  readonly name: string;
  readonly settings: Settings;
}

const { databaseUrl, databaseReadUrl, databaseOwnerUrl, databaseRunRole, natsUser, natsPassword, serviceKeyFile } =
  serviceSettings;

/** The settings that no two services share. */
const OWN = [
  databaseUrl,
  databaseReadUrl,
  databaseOwnerUrl,
  databaseRunRole,
  natsUser,
  natsPassword,
  serviceKeyFile,
].map(({ variable }) => variable);

/** Returns the prefix of the variables of one service of a group: `ORDERS__`. */
function prefixOf(name: string): string {
  return `${name.toUpperCase().replaceAll("-", "_")}__`;
}

/** Returns the environment of one service: its own variables without their prefix, which win, and those that are for all. */
export function environmentOf(name: string, group: readonly string[], environment: Environment): Environment {
  const prefixes = group.map(prefixOf);
  const own = prefixOf(name);
  const all = Object.entries(environment);
  return Object.fromEntries([
    ...all.filter(([variable]) => !prefixes.some((prefix) => variable.startsWith(prefix))),
    ...all.flatMap(([variable, value]) =>
      variable.startsWith(own) ? [[variable.slice(own.length), value] as const] : [],
    ),
  ]);
}

/**
 * Reads the settings of all services of a group. The `DATABASE_URL` of orders is `ORDERS__DATABASE_URL`; a variable without a
 * prefix is for all.
 *
 * @throws ConfigError with all that is wrong of all services: also a prefixed variable that is no setting of its service, and a
 * variable without a prefix that several services cannot share
 */
export function readGroup(group: readonly Configured[], environment: Environment): Config<Settings>[] {
  const names = group.map(({ name }) => name);
  const problems = [...unknown(group, environment), ...(group.length > 1 ? shared(group, environment) : [])];
  const configs = group.map(({ name, settings }) => {
    try {
      return readConfig(settings, environmentOf(name, names, environment));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const problem of error.problems) problems.push(named(problem, name, environment));
      return {};
    }
  });
  if (problems.length > 0) throw new ConfigError(distinct(problems));
  return configs;
}

function unknown(group: readonly Configured[], environment: Environment): ConfigProblem[] {
  return group.flatMap(({ name, settings }) => {
    const known = new Set(Object.values(settings).map(({ variable }) => prefixOf(name) + variable));
    const remedy = `Remove it, or write a setting of ${name} after ${prefixOf(name)}.`;
    return Object.keys(environment)
      .filter((variable) => variable.startsWith(prefixOf(name)) && !known.has(variable))
      .map((variable) => ({ variable, problem: `is no setting of ${name}`, remedy }));
  });
}

function shared(group: readonly Configured[], environment: Environment): ConfigProblem[] {
  return OWN.flatMap((variable) => {
    const users = group.filter(({ settings }) => Object.values(settings).some((each) => each.variable === variable));
    if (!environment[variable] || users.length < 2) return [];
    const remedy = `Set ${users.map(({ name }) => prefixOf(name) + variable).join(", ")} instead.`;
    return [{ variable, problem: `is set for ${users.length} services, and each has its own`, remedy }];
  });
}

/** Returns the problem under the variable's name in the environment. */
function named(problem: ConfigProblem, name: string, environment: Environment): ConfigProblem {
  const own = prefixOf(name) + problem.variable;
  return environment[own] || OWN.includes(problem.variable) ? { ...problem, variable: own } : problem;
}

function distinct(problems: readonly ConfigProblem[]): ConfigProblem[] {
  return [...new Map(problems.map((problem) => [problem.variable, problem])).values()];
}
