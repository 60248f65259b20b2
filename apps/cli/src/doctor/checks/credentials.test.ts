import { describe, expect, it } from "vitest";
import { checkClusterCredentials, refusedCredentials } from "./credentials.ts";

const metric = (service: string, value: number) =>
  `kontor_rpc_client_credential_refused{service="${service}"} ${value}`;

describe("a service whose credential is refused", () => {
  it("is found by its own metrics, with the callee that refuses it", () => {
    const text = `${metric("shop.inventory.v1.InventoryService", 1)}\n${metric("shop.payments.v1.PaymentsService", 0)}\n`;
    expect(refusedCredentials({ process: "orders", text }, "Look.")).toEqual([
      {
        severity: "error",
        subject: "orders",
        problem: "shop.inventory.v1.InventoryService refuses its credential: no call of it passes.",
        remedy: "Look.",
      },
    ]);
  });
});

describe("the credentials of an install", () => {
  const labels = { "app.kubernetes.io/name": "orders" };
  const workload = (name: string) => ({
    kind: "Deployment",
    metadata: { name: "kontor-orders", namespace: "shop", labels },
    spec: {
      template: {
        spec: {
          containers: [
            { name: "orders", env: [{ name, valueFrom: { secretKeyRef: { name: "kontor-internal", key: "token" } } }] },
          ],
        },
      },
    },
  });
  const pod = (name: string) => ({
    kind: "Pod",
    metadata: { name, namespace: "shop", labels },
    status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
  });
  const install = (secret: string, workloads = [workload("KONTOR_INTERNAL_TOKEN")]) => {
    const asked: string[] = [];
    const kube = {
      context: undefined,
      typed: (command: string) => `kubectl ${command}`,
      run: async () => secret,
      forward: async (target: string) => {
        asked.push(target);
        return target === "pod/orders-2" ? metric("shop.users.v1.UsersService", 1) : "";
      },
    };
    const pods = [pod("orders-1"), pod("orders-2"), { ...pod("orders-3"), status: { phase: "Pending" } }];
    return { asked, install: { kube, namespace: "shop", release: "kontor", workloads, pods } as never };
  };

  it("are read from every ready pod: one of several may be refused", async () => {
    const { asked, install: only } = install("");
    const { findings } = await checkClusterCredentials(only);
    expect(asked).toEqual(["pod/orders-1", "pod/orders-2"]);
    expect(findings.map(({ subject, severity }) => ({ subject, severity }))).toEqual([
      { subject: "pod/orders-2", severity: "error" },
    ]);
  });

  it("include the token of earlier versions for as long as services accept it", async () => {
    const { findings } = await checkClusterCredentials(install("secret/kontor-internal").install);
    expect(findings.at(-1)).toMatchObject({ severity: "warning", subject: "shared token" });
    expect(findings.at(-1)?.remedy).toContain("--set global.identity.sharedToken=false");
  });
});
