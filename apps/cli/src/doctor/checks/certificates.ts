import { X509Certificate } from "node:crypto";
import { formerName } from "@kontor/nats";
import { createClient } from "@kontor/rpc";
import { topology } from "@kontor/shop";
import { UsersService } from "@kontor/shop/contracts/users/v1/users_service";
import { doubtful, type Finding, messageOf, type Verdict, wrong } from "../finding.ts";
import { type Install, readyPod } from "../install.ts";
import { componentOf, type Meta } from "../objects.ts";

const SOON_DAYS = 21;

type Holder = Meta & { readonly kind: string; readonly data?: Record<string, string> };

/** When certificates end, those of TLS Secrets and of a mesh, and whether the keys of access tokens can be had. */
export async function checkCertificates(install: Install): Promise<Verdict> {
  const { kube } = install;
  const secrets = await kube.get<{ items: Holder[] }>("secrets", "--field-selector", "type=kubernetes.io/tls");
  const tls = secrets.items.flatMap(({ metadata, data }) =>
    expiry(
      `secret/${metadata.name}`,
      Buffer.from(data?.["tls.crt"] ?? "", "base64").toString(),
      "Does cert-manager, or the tool that renews it, run?",
    ),
  );
  const mesh = await meshCertificates(install);
  const keys = await tokenKeys(install);
  const seen = `${secrets.items.length || "no"} TLS Secrets, ${mesh.seen}, ${keys.seen}`;
  return { seen, findings: [...tls, ...mesh.findings, ...keys.findings] };
}

export function expiry(subject: string, pem: string, remedy: string, now = Date.now()): Finding[] {
  let until: Date;
  try {
    until = new X509Certificate(pem).validToDate;
  } catch (error) {
    return [wrong(subject, `It holds no certificate: ${messageOf(error)}`, remedy)];
  }
  const days = Math.floor((until.getTime() - now) / 86_400_000);
  if (days < 0) return [wrong(subject, `Its certificate ended on ${until.toISOString()}.`, remedy)];
  return days < SOON_DAYS ? [doubtful(subject, `Its certificate ends in ${days} days.`, remedy)] : [];
}

/** Istio's sidecars report their certificates; the root is in a ConfigMap. Linkerd's certificates need its own tool. */
async function meshCertificates(install: Install): Promise<Verdict> {
  const pod = readyPod(install, "gateway");
  const sidecars = [...(pod?.spec.initContainers ?? []), ...(pod?.spec.containers ?? [])].map(({ name }) => name);
  if (sidecars.includes("linkerd-proxy")) return { seen: "Linkerd (check: linkerd check --proxy)", findings: [] };
  if (!pod || !sidecars.includes("istio-proxy")) return { seen: "no mesh", findings: [] };
  const root = await install.kube.get<Holder>("configmap", "istio-ca-root-cert");
  const findings = expiry(
    "configmap/istio-ca-root-cert",
    root.data?.["root-cert.pem"] ?? "",
    "Renew the mesh's root: see Istio's guide.",
  );
  const ask = ["exec", pod.metadata.name, "--container", "istio-proxy", "--", "pilot-agent", "request", "GET", "certs"];
  const held: { certificates?: { cert_chain?: { expiration_time: string }[] }[] } = JSON.parse(
    await install.kube.run(ask),
  );
  const ends = held.certificates?.flatMap(({ cert_chain = [] }) =>
    cert_chain.map((one) => Date.parse(one.expiration_time)),
  );
  if (!ends?.length || Math.min(...ends) < Date.now())
    findings.push(
      wrong(
        `pod/${pod.metadata.name}`,
        "Its sidecar has no certificate that is good.",
        "Is istiod up? kubectl -n istio-system logs deployment/istiod",
      ),
    );
  return { seen: "Istio's", findings };
}

async function tokenKeys(install: Install): Promise<Verdict> {
  const pod = readyPod(install, "users");
  if (!pod) return { seen: "keys not requested", findings: [] };
  const { keys } = await install.kube.forward(`pod/${pod.metadata.name}`, 50051, async (port) => {
    using users = createClient(UsersService, {
      address: `127.0.0.1:${port}`,
      formerNameOf: (name) => formerName(topology, name),
    });
    return await users.getJwks({}, { timeoutMs: 5_000 });
  });
  if (keys.length > 0) return { seen: `${keys.length} keys of access tokens`, findings: [] };
  const remedy = `See the log of ${componentOf(pod)}: ${install.kube.typed(`logs pod/${pod.metadata.name}`)}`;
  return {
    seen: "no keys",
    findings: [wrong("users", "It publishes no keys, so no access token is believed.", remedy)],
  };
}
