import { collectStatements, typeStatements } from "../../packages/typed-sql/src/index.ts";
import { statementOwners } from "./owners.ts";

/**
 * Returns the file of types of each service and package that has statements, and why others have none. Each gets a database of its
 * own, with its migrations. Works once per process, because modules define their statements when they are imported.
 */
export async function typedStatements() {
  const collector = collectStatements();
  const { migrate } = await import("../../packages/postgres/src/index.ts");
  const { startPostgres } = await import("../../packages/testing/src/index.ts");
  const [postgres, owners] = await Promise.all([startPostgres(), statementOwners()]);
  try {
    const results = await Promise.allSettled(
      owners.map(async ({ migrations, ...sources }) => {
        const { url } = await postgres.createDatabase("statements");
        if (migrations.length > 0) await migrate({ url, folders: migrations, log: { info: () => undefined } });
        return typeStatements(sources, url, collector);
      }),
    );
    const files = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    const failures = results.flatMap((result) => (result.status === "rejected" ? [String(result.reason.message)] : []));
    return { files, failures };
  } finally {
    await postgres.stop();
  }
}
