import { OPERATOR } from "@kontor/nats";
import { serviceNames } from "@kontor/shop";
import { checkAutoscaling } from "./checks/autoscaling.ts";
import { checkCertificates } from "./checks/certificates.ts";
import { checkClusterMigrations } from "./checks/cluster-migrations.ts";
import { checkClusterWork } from "./checks/cluster-work.ts";
import { checkConnections } from "./checks/connections.ts";
import { checkClusterCredentials } from "./checks/credentials.ts";
import { checkEvents } from "./checks/events.ts";
import { checkOrder } from "./checks/order.ts";
import { checkPods } from "./checks/pods.ts";
import { checkPolicies } from "./checks/policies.ts";
import { checkSecrets } from "./checks/secrets.ts";
import { checkVersions } from "./checks/versions.ts";
import { checkVolumes } from "./checks/volumes.ts";
import type { Check, Verdict } from "./finding.ts";
import { type Install, readyPod } from "./install.ts";
import { reached } from "./reach.ts";
import { settingOf } from "./settings-of.ts";

/** From the lowest layer to the customer's view. */
export function clusterChecks(install: Install, { order }: { order: boolean }): Check[] {
  const checks: Check[] = [
    { name: "versions", run: () => checkVersions(install) },
    { name: "pods", run: () => checkPods(install) },
    { name: "secrets", run: () => checkSecrets(install) },
    { name: "volumes", run: () => checkVolumes(install) },
    { name: "connections", run: () => checkConnections(install) },
    { name: "policies", run: () => checkPolicies(install) },
    { name: "certificates", run: () => checkCertificates(install) },
    { name: "autoscaling", run: () => checkAutoscaling(install) },
    { name: "migrations", run: () => checkClusterMigrations(install, serviceNames) },
    { name: "events", run: () => eventsOf(install) },
    { name: "work", run: () => checkClusterWork(install) },
  ];
  // Last: an order makes services call each other.
  const credentials: Check = { name: "credentials", run: () => checkClusterCredentials(install) };
  return order ? [...checks, { name: "order", run: () => orderAt(install) }, credentials] : [...checks, credentials];
}

async function eventsOf(install: Install): Promise<Verdict> {
  const { kube, release } = install;
  const [server = ""] = ((await settingOf(install, "orders", "NATS_URL")) ?? "").split(",");
  const restart = (service: string) => kube.typed(`rollout restart deployment/${release}-${service}`);
  const logs = (service: string) => kube.typed(`logs deployment/${release}-${service} --tail 50`);
  const copies = async (service: string) => Number((await settingOf(install, service, "NATS_REPLICAS")) ?? 1);
  const asOperator = await withOperator(install, server);
  return reached(install, asOperator, 4222, (url) => checkEvents(url, { restart, logs }, copies));
}

/** The URL with the credentials of the operator, where the chart created some and the URL contains none. */
async function withOperator({ kube, release }: Install, server: string): Promise<string> {
  const url = new URL(server);
  if (url.username !== "") return server;
  const template = "go-template={{.data.operator | base64decode}}";
  const password = await kube.run(["get", "secret", `${release}-nats`, "--output", template]).catch(() => "");
  if (password === "") return server;
  url.username = OPERATOR;
  url.password = password;
  return url.href;
}

async function orderAt(install: Install): Promise<Verdict> {
  const email = (await settingOf(install, "users", "STAFF_EMAIL")) ?? "";
  const password = (await settingOf(install, "users", "STAFF_PASSWORD")) ?? "";
  const pod = readyPod(install, "gateway");
  const remedy = `Follow it in the logs: ${install.kube.typed(`logs --selector app.kubernetes.io/part-of=kontor --tail 30 --prefix`)}`;
  return install.kube.forward(pod ? `pod/${pod.metadata.name}` : `service/${install.release}-gateway`, 8080, (port) =>
    checkOrder({ gateway: `http://127.0.0.1:${port}`, email, password, remedy }),
  );
}
