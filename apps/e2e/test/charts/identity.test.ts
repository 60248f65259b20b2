import { readFileSync } from "node:fs";
import { serviceNames } from "@kontor/shop";
import { describe, expect, it } from "vitest";
import { chart, helms, objects, refusal, render } from "./helm.ts";

const contracts = readFileSync(`${chart}/../lib/templates/_contracts.tpl`, "utf8");
/** From the contracts: the gRPC services that each service calls by its own name, and those that check callers. */
const calls = [...contracts.matchAll(/^(\w+): \[(.*)\]$/gm)].map(([, caller = "", list = ""]) => ({
  caller,
  callees: list.split(", "),
}));
const callees = /define "lib.internalCallees" -}}\n(.*)$/m.exec(contracts)?.[1]?.split(" ") ?? [];

const deployments = (rendered: string) =>
  new Map(
    objects(rendered).flatMap((text) => {
      const name = /^kind: Deployment\nmetadata:\n {2}name: kontor-(\S+)$/m.exec(text)?.[1];
      return name ? [[name, text] as const] : [];
    }),
  );

if (helms.length === 0)
  describe.skip("identities in the chart: skipped, for there is no helm in PATH", () => it("renders", () => {}));

describe.each(helms)("identities in the chart, by %s", (helm) => {
  const all = deployments(render(helm));

  it("are tokens of the ServiceAccount, one for each callee that the contracts let in, and no other", () => {
    expect(calls.length).toBeGreaterThan(0);
    for (const [name, text] of all) {
      const mounted = [...text.matchAll(/audience: (\S+), expirationSeconds: 3600, path: tokens\/(\S+) }/g)];
      const wanted = calls.find(({ caller }) => caller === name)?.callees ?? [];
      expect(mounted.map(([, audience]) => audience)).toEqual(wanted);
      for (const [, audience, path] of mounted) expect(path).toBe(audience);
      expect(text.includes("SERVICE_TOKEN_FOLDER")).toBe(wanted.length > 0);
      expect(text).toContain("automountServiceAccountToken: false");
    }
  });

  it("are checked by services whose contracts name callers, with the keys of the cluster", () => {
    for (const name of serviceNames) {
      const text = all.get(name) ?? "";
      expect(text.includes('value: "https://kubernetes.default.svc/openid/v1/jwks"'), name).toBe(
        callees.includes(name),
      );
      expect(text.includes("path: access/token"), name).toBe(callees.includes(name));
      if (callees.includes(name)) expect(text).toContain('value: "system:serviceaccount:shop:kontor-"');
    }
  });

  it("let only those services out to the API server", () => {
    const policies = objects(render(helm)).filter(
      (text) => /kind: NetworkPolicy/.test(text) && /port: 6443/.test(text),
    );
    expect(policies).toHaveLength(1);
    expect(policies[0]).toContain(`values: [${callees.join(", ")}]`);
  });

  it("need no way to the API server where values give its keys", () => {
    const jwks = ["--set-json", 'global.identity={"jwks":"{\\"keys\\":[]}","issuers":["https://issuer.example"]}'];
    const rendered = render(helm, ...jwks);
    expect(rendered).not.toMatch(/port: 6443|path: access/);
    expect(rendered).toContain('keys.json: "{\\"issuer\\":\\"https://issuer.example\\",\\"keys\\":[]}"');
    expect(deployments(rendered).get("users")).toContain('value: "/var/run/secrets/kontor/keys/keys.json"');
  });

  it("need an issuer where values give keys", () => {
    expect(refusal(helm, "--set-json", 'global.identity={"jwks":"{}"}')).toContain("issuers");
  });

  it("take the shared token of earlier versions where its Secret is, and never make one", () => {
    expect(render(helm)).not.toMatch(/kind: Secret\nmetadata:\n {2}name: kontor-internal/);
    for (const name of serviceNames)
      expect(all.get(name)).toContain("secretKeyRef: { name: kontor-internal, key: token, optional: true }");
    expect(all.get("gateway")).not.toContain("KONTOR_INTERNAL_TOKEN");
    expect(render(helm, "--set", "global.identity.sharedToken=false")).not.toContain("KONTOR_INTERNAL_TOKEN");
  });

  it("take the shared token once from values of an earlier version", () => {
    const old = ["--set-json", 'users.secretEnv={"KONTOR_INTERNAL_TOKEN":{"secret":"internal","key":"token"}}'];
    expect(
      deployments(render(helm, ...old))
        .get("users")
        ?.match(/KONTOR_INTERNAL_TOKEN/g),
    ).toHaveLength(1);
  });
});
