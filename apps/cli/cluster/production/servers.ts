import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { chart } from "../helm.ts";
import { openNamespace } from "../namespace.ts";
import { OURS, RELEASE, type World } from "../world.ts";

/** Who has a database. */
const services = OURS.filter((name) => name !== "gateway");

const secret = () => randomBytes(16).toString("hex");

/** Starts PostgreSQL and a NATS cluster in a namespace of their own. Answers how to remove it. */
export async function openServers(world: World, passwords: Record<string, string>): Promise<() => Promise<void>> {
  const close = await openNamespace(world);
  try {
    const databases = { "create-databases.sh": readFileSync(`${chart}/files/create-databases.sh`, "utf8") };
    const objects = [
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "databases" }, data: databases },
      secretOf("postgres", { password: secret() }),
      secretOf("passwords", passwords),
    ];
    await apply(world, JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }));
    const values = readFileSync(`${chart}/values.yaml`, "utf8");
    const image = (name: string) => new RegExp(`^ +image: (${name}:\\S+)$`, "m").exec(values)?.[1] ?? name;
    const servers = readFileSync(new URL("servers.yaml", import.meta.url), "utf8");
    await apply(world, servers.replace("POSTGRES_IMAGE", image("postgres")).replace("NATS_IMAGE", image("nats")));
    for (const name of ["postgres", "nats"])
      await world.kube.run(["rollout", "status", `statefulset/${name}`, "--timeout=180s"], { timeoutMs: 190_000 });
    return close;
  } catch (error) {
    await close();
    throw error;
  }
}

/** A password for each database. */
export const databasePasswords = (): Record<string, string> =>
  Object.fromEntries(services.map((name) => [name, secret()]));

/** The Secrets that docs/guides/kubernetes.md lists. */
export async function makeSecrets(world: World, passwords: Record<string, string>, host: string): Promise<void> {
  const webhook = () => `whsec_${randomBytes(24).toString("base64")}`;
  const of = (name: string, data: Record<string, string>) => secretOf(`${RELEASE}-${name}`, data);
  const items = [
    of("internal", { token: secret() }),
    of("users", { staffPassword: secret(), signingKeySecret: secret() }),
    of("payments", { pspApiKey: secret(), pspWebhookSecret: webhook() }),
    of("shipping", { carrierApiKey: secret(), carrierWebhookSecret: webhook() }),
    of("notifications", { smtpUrl: `smtp://${RELEASE}-mail-sink:2525` }),
    ...services.map((name) =>
      of(`${name}-database`, { url: `postgres://${name}:${passwords[name]}@${host}:5432/${name}` }),
    ),
  ];
  await apply(world, JSON.stringify({ apiVersion: "v1", kind: "List", items }));
}

function secretOf(name: string, stringData: Record<string, string>) {
  return { apiVersion: "v1", kind: "Secret", metadata: { name }, stringData };
}

async function apply({ kube }: World, input: string): Promise<void> {
  await kube.run(["apply", "--server-side", "--force-conflicts", "--filename", "-"], { input });
}
