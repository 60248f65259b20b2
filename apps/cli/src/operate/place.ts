import { Refusal } from "@kontor/config";
import { logIn, readRunFile, type ShopClient, shopClient } from "@kontor/launcher";
import { type Database, openDatabase } from "@kontor/postgres";
import { findInstall, type Install, readyPod } from "../doctor/install.ts";
import { kubectl } from "../doctor/kubectl.ts";
import { reached } from "../doctor/reach.ts";
import { settingOf } from "../doctor/settings-of.ts";

/** A shop that an operator works on: its databases, and its REST API as staff. */
export type Place = {
  /** Runs `work` on the database of a service. */
  withDatabase<T>(service: string, work: (db: Database) => Promise<T>): Promise<T>;
  /** Runs `work` as staff. */
  asStaff<T>(work: (staff: ShopClient) => Promise<T>): Promise<T>;
};

export const placeFlags = {
  local: { type: "boolean", default: false },
  data: { type: "string", default: ".kontor" },
  namespace: { type: "string", short: "n" },
  release: { type: "string" },
  context: { type: "string" },
} as const;

export const placeHelp = `  --local            on what \`npm start\` runs on this machine
  --data DIR         where \`npm start\` keeps its state (default .kontor)
  --namespace NAME   where it is installed (default: the only namespace with an install)
  --release NAME     the name it was installed under (default: the only one there)
  --context NAME     the cluster, as kubectl knows it (default: the current one)
  --help             this

In a cluster it needs kubectl in PATH and rights to read the namespace, its Secrets included, and to forward ports.`;

type PlaceOptions = {
  readonly local: boolean;
  readonly data: string;
  readonly namespace?: string;
  readonly release?: string;
  readonly context?: string;
};

/** Returns the shop that the options name. Throws a {@link Refusal} if there is none. */
export async function openPlace(options: PlaceOptions): Promise<Place> {
  return options.local ? localPlace(options.data) : clusterPlace(await findInstall(kubectl(options), options));
}

function localPlace(data: string): Place {
  const { databases, gateway, accounts } = readRunFile(data);
  return {
    withDatabase: (service, work) => withDatabase(databases[service], service, work),
    asStaff: (work) => asStaff({ gateway, ...accounts.staff }, work),
  };
}

function clusterPlace(install: Install): Place {
  return {
    async withDatabase(service, work) {
      const url = await settingOf(install, service, "DATABASE_URL");
      if (url === undefined)
        throw new Refusal(`${install.release} has no ${service}, or its pods have no DATABASE_URL.`);
      return reached(install, url, 5432, (here) => withDatabase(here, service, work));
    },
    async asStaff(work) {
      const email = (await settingOf(install, "users", "STAFF_EMAIL")) ?? "";
      const password = (await settingOf(install, "users", "STAFF_PASSWORD")) ?? "";
      const pod = readyPod(install, "gateway");
      const target = pod ? `pod/${pod.metadata.name}` : `service/${install.release}-gateway`;
      return install.kube.forward(target, 8080, (port) =>
        asStaff({ gateway: `http://127.0.0.1:${port}`, email, password }, work),
      );
    },
  };
}

async function withDatabase<T>(
  url: string | undefined,
  service: string,
  work: (db: Database) => Promise<T>,
): Promise<T> {
  const db = openDatabase({ url: url ?? "", service: `${service}-operator`, max: 1 });
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

async function asStaff<T>(
  { gateway, email, password }: { readonly gateway: string; readonly email: string; readonly password: string },
  work: (staff: ShopClient) => Promise<T>,
): Promise<T> {
  const { accessToken } = await logIn(gateway, email, password);
  return work(shopClient(gateway, accessToken));
}
