import { type RunFile, readRunFile } from "@kontor/launcher";
import { type Migration, readMigrations } from "@kontor/postgres";
import { migrationsOf } from "@kontor/service";
import { refusedCredentials } from "./checks/credentials.ts";
import { checkEvents } from "./checks/events.ts";
import { checkSchema, migrationsVerdict } from "./checks/migrations.ts";
import { checkOrder } from "./checks/order.ts";
import { stuckWork } from "./checks/work.ts";
import { type Check, type Finding, messageOf, type Verdict, wrong } from "./finding.ts";
import type { DoctorOptions } from "./options.ts";

/** The checks that make sense for `npm start` on this machine. */
export function localChecks({ data, order }: DoctorOptions): { what: string; checks: Check[] } {
  const run = readRunFile(data);
  const restart = () => "Stop it with Ctrl-C, and start it again: npm start";
  const logs = (service: string) => `${data}/logs/${service}.log`;
  const checks: Check[] = [
    { name: "processes", run: () => processes(run, logs) },
    { name: "migrations", run: () => migrations(run, restart()) },
    { name: "events", run: () => checkEvents(run.nats, { restart, logs }) },
  ];
  const { email, password } = run.accounts.staff;
  const shop = { gateway: run.gateway, email, password, remedy: `Follow it in the logs: ${data}/logs` };
  if (order) checks.push({ name: "order", run: () => checkOrder(shop) });
  checks.push({ name: "credentials", run: () => credentials(run, logs) }); // Last: an order makes services call each other.
  return { what: `the shop of npm start at ${run.gateway}`, checks };
}

/** Checks that all processes are ready, and finds stuck work. */
async function processes({ metrics }: RunFile, logs: (name: string) => string): Promise<Verdict> {
  const all = await Promise.all(Object.entries(metrics).map(([name, address]) => lookAt(name, address, logs(name))));
  return {
    seen: `${all.filter((findings) => findings.length === 0).length} of ${all.length} as they should be`,
    findings: all.flat(),
  };
}

async function lookAt(name: string, address: string, log: string): Promise<Finding[]> {
  const ask = (path: string) => fetch(`http://${address}${path}`, { signal: AbortSignal.timeout(5_000) });
  try {
    const { status } = await ask("/readyz");
    if (status !== 200) return [wrong(name, `It is not ready (${status}).`, `See why: ${log}`)];
    return stuckWork({ process: name, text: await (await ask("/metrics")).text() });
  } catch (error) {
    return [wrong(name, `It does not respond at ${address}: ${messageOf(error)}`, `See why: ${log}`)];
  }
}

/** Whether services accept each other. */
async function credentials({ metrics }: RunFile, logs: (name: string) => string): Promise<Verdict> {
  const all = await Promise.all(
    Object.entries(metrics).map(async ([name, address]) => {
      const answer = await fetch(`http://${address}/metrics`, { signal: AbortSignal.timeout(5_000) });
      const remedy = `Stop the shop and start it again: npm start. The log of the callee has the reason: ${logs("<service>")}`;
      return refusedCredentials({ process: name, text: await answer.text() }, remedy);
    }),
  );
  return { seen: `those of ${all.length} processes`, findings: all.flat() };
}

async function migrations({ databases }: RunFile, remedy: string): Promise<Verdict> {
  const schemas = await Promise.all(
    Object.entries(databases).map(async ([service, databaseUrl]) => {
      return { service, databaseUrl, remedy, brings: await broughtBy(service) };
    }),
  );
  const findings = (await Promise.all(schemas.map(checkSchema))).flat();
  return migrationsVerdict(
    schemas.reduce((sum, { brings }) => sum + brings.length, 0),
    findings,
    schemas.length,
  );
}

/** Returns the migrations of a service and of the packages with tables in its database. */
async function broughtBy(service: string): Promise<readonly Migration[]> {
  const { href } = new URL(`../../../${service}/src/app.ts`, import.meta.url);
  const exported: Record<string, Parameters<typeof migrationsOf>[0]> = await import(href);
  const app = exported[`${service}App`];
  if (app === undefined)
    throw new Error(`${href} exports no ${service}App. Export the definition of the service under this name.`);
  return readMigrations(migrationsOf(app));
}
