import { describe, expect, it } from "vitest";
import { setTag, tagOf } from "../../../../scripts/release/image-tag.ts";
import { helms, render } from "../charts/helm.ts";
import { chartApps, documents, read, root, yaml } from "./files.ts";

const environments = ["staging", "production"];
const valuesOf = (environment: string) => `k8s/gitops/${environment}/values.yaml`;

describe("the tag of a service", () => {
  const values = read(valuesOf("staging"));

  it("is set for one alone", () => {
    const changed = setTag(values, "orders", "1.2.3");
    const other = chartApps.filter((app) => app !== "orders");
    expect(tagOf(changed, "orders")).toBe("1.2.3");
    for (const app of other) expect(tagOf(changed, app)).toBe(tagOf(values, app));
    expect(changed.split("\n")).toHaveLength(values.split("\n").length);
  });

  it("is refused for one that does not run there", () => {
    expect(() => setTag(read(valuesOf("production")), "mail-sink", "1")).toThrow("mail-sink");
  });
});

describe.each(environments)("%s", (environment) => {
  it("generates no Secrets, because a rendering tool cannot read existing ones", () => {
    expect(yaml<object>(valuesOf(environment))).toMatchObject({ secrets: { generate: false } });
  });

  it.skipIf(helms.length === 0)("is accepted by the chart and names the image of every app", () => {
    for (const helm of helms) {
      const rendered = render(helm, "--values", `${root}/${valuesOf(environment)}`);
      const images = new Set([...rendered.matchAll(/image: "([^"]*\/kontor\/[^"]*)"/g)].map(([, image]) => image));
      const values = read(valuesOf(environment));
      const running = chartApps.filter((app) => environment === "staging" || !/-simulator$|^mail-sink$/.test(app));
      expect([...images].sort()).toEqual(
        running.map((app) => `ghcr.io/example/kontor/${app}:${tagOf(values, app)}`).sort(),
      );
      expect(rendered).not.toContain("kind: Secret\n");
    }
  });

  it("is known to Argo CD and to Flux, with the same chart and namespace", () => {
    type Set = {
      spec: { generators: [{ list: { elements: { environment: string; namespace: string; chart: string }[] } }] };
    };
    const [set] = documents<Set>("k8s/gitops/argocd/applications.yaml");
    const element = set?.spec.generators[0].list.elements.find((one) => one.environment === environment);
    const flux = yaml<{ namespace: string; patches: [{ patch: string }] }>(
      `k8s/gitops/${environment}/kustomization.yaml`,
    );
    expect(element?.namespace).toBe(flux.namespace);
    expect(flux.patches[0].patch).toContain(`value: ${element?.chart}`);
    expect(read(`k8s/gitops/flux/${environment}.yaml`)).toContain(`path: ./k8s/gitops/${environment}\n`);
  });
});
