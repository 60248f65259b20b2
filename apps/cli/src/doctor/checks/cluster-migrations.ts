import { doubtful, type Finding, type Verdict } from "../finding.ts";
import { type Install, readyPod } from "../install.ts";
import { reached } from "../reach.ts";
import { settingOf } from "../settings-of.ts";
import { checkSchema, type Migration, migrationsVerdict } from "./migrations.ts";

/** Runs in a pod and prints the migrations in its image: those of the service and of the packages whose tables it has. Needs only Node. */
const listMigrations = `
  import { createHash } from "node:crypto";
  import { existsSync, readdirSync, readFileSync } from "node:fs";
  const foldersIn = (path) => readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const sha = (path) => createHash("sha256").update(readFileSync(path + "/migration.sql")).digest("hex");
  const replacedBy = (path) => existsSync(path + "/replaces") ? readFileSync(path + "/replaces", "utf8").split("\\n") : [];
  const paths = foldersIn("prisma").flatMap((owner) => foldersIn("prisma/" + owner).map((name) => ({ name, path: "prisma/" + owner + "/" + name })));
  const replaced = new Set(paths.flatMap(({ path }) => replacedBy(path)));
  const all = paths.filter(({ name }) => !replaced.has(name)).map(({ name, path }) => ({ name, checksum: sha(path) }));
  console.log(JSON.stringify(all.sort((a, b) => a.name < b.name ? -1 : 1)));
`;

/** Compares the migrations in the image of each running service with the history of its database. */
export async function checkClusterMigrations(install: Install, services: readonly string[]): Promise<Verdict> {
  const findings: Finding[] = [];
  let brought = 0;
  let databases = 0;
  for (const service of services) {
    const pod = readyPod(install, service);
    const databaseUrl = await settingOf(install, service, "DATABASE_URL");
    if (!pod || !databaseUrl) {
      const problem = "No pod of it is ready, so its migrations cannot be compared.";
      findings.push(doubtful(`database of ${service}`, problem, "See `pods` above."));
      continue;
    }
    const brings: Migration[] = JSON.parse(await install.kube.node(pod.metadata.name, service, listMigrations));
    const remedy = `Its init container \`migrate\` does that: ${install.kube.typed(`rollout restart deployment/${install.release}-${service}`)}`;
    const check = (url: string) => checkSchema({ service, brings, databaseUrl: url, remedy });
    findings.push(...(await reached(install, databaseUrl, 5432, check)));
    brought += brings.length;
    databases += 1;
  }
  return migrationsVerdict(brought, findings, databases);
}
