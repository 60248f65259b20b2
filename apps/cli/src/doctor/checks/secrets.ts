import { type Finding, type Verdict, wrong } from "../finding.ts";
import { type Install, upgradeOf } from "../install.ts";
import type { Meta, SecretKey } from "../objects.ts";

type Secret = Meta & { readonly data?: Record<string, string> };
type Use = SecretKey & { readonly by: string };

/** Whether each Secret that a workload names is there, with the key it takes. */
export async function checkSecrets(install: Install): Promise<Verdict> {
  const uses = install.workloads.flatMap(({ metadata, spec }): Use[] => {
    const { containers, initContainers = [], imagePullSecrets = [] } = spec.template.spec;
    const keys = [...containers, ...initContainers].flatMap(({ env = [] }) =>
      env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? []),
    );
    const pulls = imagePullSecrets.map(({ name }) => ({ name, key: ".dockerconfigjson" }));
    return [...keys, ...pulls].map((use) => ({ ...use, by: metadata.name }));
  });
  const names = [...new Set(uses.map(({ name }) => name))];
  const secrets = await Promise.all(names.map((name) => readSecret(install, name)));
  const found = new Map(secrets.flatMap((secret) => (secret ? [[secret.metadata.name, secret] as const] : [])));
  const bad = uses.filter(({ name, key, optional }) => !optional && !found.get(name)?.data?.[key]);
  return {
    seen: `${found.size} of ${names.length} Secrets`,
    findings: byKey(bad).map((use) => lacking(use, found.has(use.name), install)),
  };
}

async function readSecret({ kube }: Install, name: string): Promise<Secret | undefined> {
  const text = await kube.run(["get", "secret", name, "--ignore-not-found", "--output", "json"]);
  return text.trim() === "" ? undefined : JSON.parse(text);
}

function byKey(uses: readonly Use[]): Use[] {
  const grouped = Map.groupBy(uses, ({ name, key }) => `${name}/${key}`);
  return [...grouped.values()].flatMap(([first, ...more]) =>
    first ? [{ ...first, by: [...new Set([first, ...more].map(({ by }) => by))].join(", ") }] : [],
  );
}

function lacking({ name, key, by }: Use, there: boolean, install: Install): Finding {
  const problem = there ? `It has no key ${key}, needed by ${by}.` : `It is missing. Its ${key} is needed by ${by}.`;
  const remedy =
    `With secrets.generate, Helm makes it: ${upgradeOf(install)}\n` +
    `Otherwise: ${install.kube.typed(`create secret generic ${name} --from-literal=${key}=…`)} (keys: docs/guides/kubernetes.md)`;
  return wrong(`secret/${name}`, problem, remedy);
}
