import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { chartApps, has, images, read, run, yaml } from "./files.ts";

type Patch = { op: string; path: string; value: string };
type Artifact = {
  image: string;
  docker: { buildArgs: { APP: string }; target?: string };
  sync: { manual: { src: string; dest: string }[]; hooks: object };
};
type Skaffold = {
  build: { artifacts: Artifact[] };
  profiles: { name: string; activation?: object[]; patches: Patch[] }[];
};

const skaffold = yaml<Skaffold>("skaffold.yaml");
const { artifacts } = skaffold.build;

describe("skaffold.yaml", () => {
  it("has an image for each app of the chart, and for groups of them", () => {
    expect(artifacts.map(({ image }) => image)).toEqual(images.map((app) => `kontor/${app}`));
    expect(artifacts.map(({ docker }) => docker.buildArgs.APP)).toEqual(images);
  });

  it("syncs an app's own sources and those of packages to where the image runs them", () => {
    for (const [index, { sync }] of artifacts.entries())
      expect(sync.manual).toEqual([
        { src: `apps/${chartApps[index] ?? "*"}/src/**`, dest: "/tmp/app" },
        { src: "packages/*/src/**", dest: "/tmp/app" },
        { src: "apps/shop/src/**", dest: "/tmp/app" },
      ]);
    expect(read("k8s/images/dev.sh")).toContain("cd /tmp/app");
  });

  it("runs sources under `skaffold dev` only, and those of every app", () => {
    const dev = skaffold.profiles.find(({ name }) => name === "dev");
    expect(dev?.activation).toEqual([{ command: "dev" }]);
    const targets = dev?.patches.filter(({ path }) => path.startsWith("/build/"));
    expect(targets).toEqual(
      images.map((_, index) => ({ op: "add", path: `/build/artifacts/${index}/docker/target`, value: "dev" })),
    );
    expect(artifacts.map(({ docker }) => docker.target)).toEqual(images.map(() => undefined));
  });

  const found = has("skaffold", "version");
  it.runIf(found).each(["minimal", "istio", "linkerd", "minimal,dev"])(
    "is understood by Skaffold with %s",
    (profile) => {
      const understood = run("skaffold", "diagnose", "--yaml-only", "--profile", profile);
      for (const app of images) expect(understood).toContain(`image: kontor/${app}\n`);
    },
  );
  if (!found) it.skip("is understood by Skaffold: skipped, for there is no skaffold in PATH", () => {});
});

describe("an image", () => {
  it("has the sources of every other app that its app imports", () => {
    const dockerfile = read("k8s/images/Dockerfile");
    for (const app of chartApps) {
      const { dependencies = {} } = JSON.parse(read(`apps/${app}/package.json`));
      const names = Object.keys(dependencies).map((name) => name.replace("@kontor/", ""));
      const imported = names.filter((name) => existsSync(new URL(`../../../${name}/package.json`, import.meta.url)));
      for (const name of imported) expect(dockerfile, app).toContain(`COPY apps/${name} apps/${name}\n`);
    }
  });
});

describe("the values of development", () => {
  it("name every app", () => {
    expect(Object.keys(yaml<object>("k8s/dev/values.yaml"))).toEqual(chartApps);
  });
});

describe("the Tiltfile", () => {
  it("has a resource for each app", () => {
    const lists = [...read("Tiltfile").matchAll(/^(?:services|simulators) = \[(.*)\]$/gm)].flatMap(([, list]) =>
      [...(list ?? "").matchAll(/'([^']+)'/g)].map(([, name]) => name),
    );
    expect(["gateway", ...lists]).toEqual(chartApps);
  });
});
