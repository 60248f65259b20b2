import { componentOf } from "@kontor/cli";
import { podsOf } from "../../rollout.ts";
import { type Act, RELEASE, until, type World } from "../../world.ts";
import { countCalls } from "../counting.ts";
import { startGuest, stopGuest } from "../pods.ts";
import { shapeShop } from "../shop.ts";
import { settled } from "../splits.ts";

const NAME = "orders-unwell";

/** A gRPC server that responds to each call with UNAVAILABLE, and reports the number of calls. */
const unwell = `import http2 from "node:http2";
let asked = 0;
http2.createServer().on("stream", (stream, { ":path": path }) => {
  if (path === "/asked") return stream.respond({ ":status": 200 }), stream.end(String(asked));
  asked += 1;
  stream.respond({ ":status": 200, "content-type": "application/grpc", "grpc-status": "14" }, { endStream: true });
}).listen(50051)`;

const howOften = `import http2 from "node:http2";
const session = http2.connect("http://127.0.0.1:50051");
session.request({ ":path": "/asked" }).on("data", (text) => (console.log(String(text)), session.close()))`;

/** Its pod has the labels and the account of orders, so it gets a share of the calls. */
export const outlier: Act = {
  name: "outlier",
  about: "a pod of orders that always fails: its calls are repeated elsewhere, and soon it gets none",
  async run(world) {
    await shapeShop(world, "istio/values");
    await settled();
    const labels = {
      "app.kubernetes.io/name": "orders",
      "app.kubernetes.io/instance": RELEASE,
      "app.kubernetes.io/part-of": "kontor",
      track: "stable",
    };
    const before = await proxyCounts(world);
    await startGuest(world, {
      name: NAME,
      account: `${RELEASE}-orders`,
      labels,
      script: unwell,
      ports: { grpc: 50051 },
    });
    await until(
      "the pod among the gateway's endpoints",
      60_000,
      async () => (await proxyCounts(world)).members > before.members,
    );
    const { sent, failed, failures } = await countCalls(world, { apps: ["orders"], count: 1_000 });
    const after = await proxyCounts(world);
    const asked = Number(await world.kube.node(NAME, "guest", howOften));
    await stopGuest(world, NAME);
    const facts = {
      "calls of the client": sent,
      "failed for the client": failed,
      "failed in the pod": asked,
      "repeated by the proxy": after.retries - before.retries,
      ejections: after.ejections - before.ejections,
    };
    const problems = failed > 0 ? [`${failed} calls failed: ${failures.join("; ")}`] : [];
    if (facts["repeated by the proxy"] < 1) problems.push("Nothing was repeated.");
    if (facts.ejections < 1) problems.push("The pod was never left out.");
    if (asked > sent / 4) problems.push(`The pod got ${asked} calls nevertheless.`);
    return { facts, problems };
  },
};

/** The counters of the gateway's proxy for its calls to orders. */
async function proxyCounts(world: World) {
  const gateway = (await podsOf(world)).find((pod) => componentOf(pod) === "gateway")?.metadata.name ?? "";
  const ask = ["exec", gateway, "--container", "istio-proxy", "--", "pilot-agent", "request", "GET", "stats"];
  const cluster = `outbound|50051||${RELEASE}-orders.${world.namespace}.svc`;
  const lines = (await world.kube.run(ask)).split("\n").filter((line) => line.includes(cluster));
  const count = (name: string) => Number(lines.find((line) => line.includes(`.${name}: `))?.split(": ")[1] ?? 0);
  return {
    retries: count("upstream_rq_retry"),
    ejections: count("outlier_detection.ejections_enforced_total"),
    members: count("membership_total"),
  };
}
