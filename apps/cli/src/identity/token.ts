import { existsSync } from "node:fs";
import { Refusal, readFlags } from "@kontor/config";
import { identityFolder } from "@kontor/launcher";
import { openKeyFolder } from "@kontor/policy/key-folder";
import { type ServiceName, serviceNames, services } from "@kontor/shop";
import { findInstall } from "../doctor/install.ts";
import { kubectl } from "../doctor/kubectl.ts";

const help = `Prints a service token: what a service proves its name with to RPCs that name their callers.

  npm run --silent kontor -- token --as SERVICE --for SERVICE [options]

  --as SERVICE       whose name it proves: ${serviceNames.join(", ")}
  --for SERVICE      whom it is good for, one of the same or the full name of a gRPC service
  --local            a token for what \`npm start\` runs on this machine
  --data DIR         where \`npm start\` keeps its state (default .kontor)
  --namespace NAME   where it is installed (default: the only namespace with an install)
  --release NAME     the name it was installed under (default: the only one there)
  --context NAME     the cluster, as kubectl knows it (default: the current one)
  --help             this

It is good for 10 minutes. With grpcurl:
  TOKEN=$(npm run --silent kontor -- token --local --as orders --for inventory)
  grpcurl -plaintext -H "kontor-service-token: $TOKEN" -d '{"orderId":"…"}' localhost:5053 shop.inventory.v1.InventoryService/GetReservation

In a cluster it needs kubectl in PATH and the right to create tokens of the release's ServiceAccounts (create serviceaccounts/token).`;

const flags = {
  as: { type: "string" },
  for: { type: "string" },
  local: { type: "boolean", default: false },
  data: { type: "string", default: ".kontor" },
  namespace: { type: "string", short: "n" },
  release: { type: "string" },
  context: { type: "string" },
} as const;

/** `kontor token`: returns the exit code. */
export async function token(args: readonly string[]): Promise<number> {
  const options = readFlags(args, flags, help);
  if (options === undefined) return 0;
  const caller = required("--as", options.as);
  const callee = calleeOf(required("--for", options.for));
  console.log(
    options.local ? await localToken(options.data, caller, callee) : await clusterToken(options, caller, callee),
  );
  return 0;
}

async function localToken(data: string, caller: string, callee: string): Promise<string> {
  const folder = identityFolder(data);
  if (!existsSync(folder)) throw new Refusal(`${folder} does not exist. Start the shop once: npm start`);
  const keyFile = openKeyFolder(folder, []).keyFileOf(caller);
  if (!existsSync(keyFile))
    throw new Refusal(`${caller} has no key in ${folder}. --as takes ${serviceNames.join(", ")}.`);
  const { signedIdentity } = await import("@kontor/policy");
  return signedIdentity({ service: caller, keyFile }).tokenFor(callee) ?? "";
}

async function clusterToken(
  options: Parameters<typeof findInstall>[1] & Parameters<typeof kubectl>[0],
  caller: string,
  callee: string,
): Promise<string> {
  const { kube, release } = await findInstall(kubectl(options), options);
  const account = `${release}-${caller}`;
  return (await kube.run(["create", "token", account, "--audience", callee, "--duration", "10m"])).trim();
}

function calleeOf(name: string): string {
  if (name.includes(".")) return name;
  if (!Object.hasOwn(services, name))
    throw new Refusal(`--for is "${name}", which is no service. It takes ${serviceNames.join(", ")}.`);
  return services[name as ServiceName].contract;
}

function required(flag: string, value: string | undefined): string {
  if (value === undefined) throw new Refusal(`${flag} is missing.\n\n${help}`);
  return value;
}
