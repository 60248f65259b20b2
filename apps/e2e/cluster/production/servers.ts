import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { chart } from "../helm.ts";
import { openNamespace } from "../namespace.ts";
import { OURS, RELEASE, type World } from "../world.ts";

/** The services with a database. */
const services = OURS.filter((name) => name !== "gateway");

const secret = () => randomBytes(16).toString("hex");

/** The passwords of the two roles of each service: the one that owns its database, and the one that runs. */
export type RolePasswords = Record<"owner" | "run", Record<string, string>>;

/** Starts PostgreSQL and a NATS cluster in a separate namespace. Returns the function that removes it. */
export async function openServers(world: World, passwords: RolePasswords): Promise<() => Promise<void>> {
  const close = await openNamespace(world);
  try {
    const scripts = { "create-roles.sh": readFileSync(`${chart}/files/create-roles.sh`, "utf8") };
    const objects = [
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "scripts" }, data: scripts },
      secretOf("postgres", { password: secret() }),
      secretOf("owner-passwords", passwords.owner),
      secretOf("run-passwords", passwords.run),
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

/** Makes the passwords of all roles. */
export function rolePasswords(): RolePasswords {
  const make = () => Object.fromEntries(services.map((name) => [name, secret()]));
  return { owner: make(), run: make() };
}

/** The Secrets that docs/guides/kubernetes.md lists. */
export async function makeSecrets(world: World, passwords: RolePasswords, host: string): Promise<void> {
  const webhook = () => `whsec_${randomBytes(24).toString("base64")}`;
  const of = (name: string, data: Record<string, string>) => secretOf(`${RELEASE}-${name}`, data);
  const items = [
    of("users", { staffPassword: secret(), signingKeySecret: secret() }),
    of("payments", { pspApiKey: secret(), pspWebhookSecret: webhook() }),
    of("shipping", { carrierApiKey: secret(), carrierWebhookSecret: webhook() }),
    of("notifications", { smtpUrl: `smtp://${RELEASE}-mail-sink:2525` }),
    ...services.flatMap((name) => [
      of(`${name}-database`, { url: `postgres://${name}:${passwords.owner[name]}@${host}:5432/${name}` }),
      of(`${name}-database-run`, { url: `postgres://${name}_run:${passwords.run[name]}@${host}:5432/${name}` }),
    ]),
  ];
  await apply(world, JSON.stringify({ apiVersion: "v1", kind: "List", items }));
}

function secretOf(name: string, stringData: Record<string, string>) {
  return { apiVersion: "v1", kind: "Secret", metadata: { name }, stringData };
}

async function apply({ kube }: World, input: string): Promise<void> {
  await kube.run(["apply", "--server-side", "--force-conflicts", "--filename", "-"], { input });
}
