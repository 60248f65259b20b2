import { BlockList, isIPv6 } from "node:net";
import { doubtful, type Finding } from "../finding.ts";
import { type Install, upgradeOf } from "../install.ts";
import type { EndpointSlice, Policy } from "../objects.ts";

/**
 * Whether policies let pods reach the API server at its present addresses: the chart writes those that an install or upgrade finds, and
 * a provider may change them. Returns nothing where the doctor may not read them.
 */
export async function checkApiServer(install: Install): Promise<Finding[]> {
  const { kube, policies, release } = install;
  const own = policies.filter(({ metadata }) =>
    [`${release}-service-keys`, `${release}-discovery`].includes(metadata.name),
  );
  if (own.length === 0) return [];
  const slice = await kube
    .in("default")
    .get<EndpointSlice>("endpointslice", "kubernetes")
    .catch(() => undefined);
  const addresses = slice?.endpoints.flatMap((endpoint) => endpoint.addresses) ?? [];
  return own.flatMap((policy) => {
    const missing = unreachable(policy, addresses);
    if (missing.length === 0) return [];
    const problem = `The API server has addresses that the policy does not admit: ${missing.join(", ")}. Pods that start cannot read its keys there.`;
    const remedy = `Run the upgrade again, which reads the present addresses, unless networkPolicy.apiServerTo names them: ${upgradeOf(install)}`;
    return [doubtful(`networkpolicy/${policy.metadata.name}`, problem, remedy)];
  });
}

/** Returns the addresses that no rule of egress admits. A rule without peers, or with peers that are pods, admits all for this purpose. */
export function unreachable({ spec }: Pick<Policy, "spec">, addresses: readonly string[]): string[] {
  const peers = spec?.egress?.flatMap(({ to = [{}] }) => to) ?? [];
  if (peers.some(({ ipBlock }) => ipBlock === undefined)) return [];
  return addresses.filter((address) => !peers.some(({ ipBlock }) => ipBlock && admits(ipBlock, address)));
}

function admits({ cidr, except = [] }: { cidr: string; except?: readonly string[] }, address: string): boolean {
  return within(cidr, address) && !except.some((one) => within(one, address));
}

function within(cidr: string, address: string): boolean {
  const [network = "", bits = ""] = cidr.split("/");
  const family = isIPv6(network) ? "ipv6" : "ipv4";
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}
