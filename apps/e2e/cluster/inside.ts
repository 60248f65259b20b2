import { componentOf, type Pod } from "@kontor/cli";
import { imageOf, podSecurity, restricted } from "./load.ts";
import { isReady } from "./rollout.ts";
import { until, type World } from "./world.ts";

/** Runs a script in the network of a pod: by the pod's Node, or by an ephemeral container in a pod without Node. */
export async function nodeIn(world: World, pod: Pod, script: string): Promise<string> {
  const component = componentOf(pod);
  if (component !== "postgres" && component !== "nats") {
    return world.kube.node(pod.metadata.name, pod.spec.containers[0]?.name ?? component, script);
  }
  const container = `probe-${Date.now().toString(36)}`;
  const image = ["--image", imageOf(world, "gateway"), "--image-pull-policy=IfNotPresent", "--profile=restricted"];
  const debug = [
    "debug",
    `pod/${pod.metadata.name}`,
    "--quiet",
    "--container",
    container,
    ...image,
    "--arguments-only",
  ];
  await world.kube.run([...debug, "--", "--input-type=module", "--eval", script]);
  return until(`the probe in ${pod.metadata.name}`, 60_000, async () => {
    const said = await world.kube.run(["logs", pod.metadata.name, "--container", container]).catch(() => "");
    return said.trim() !== "" && said;
  });
}

/** The ports of the stranger. One is a usual port of an API server. */
export const STRANGER_PORTS = [7777, 6443];

/** A pod in the namespace that is not of the shop, listening on its ports. */
export async function startStranger(world: World): Promise<Pod> {
  const listen = `import net from "node:net"; for (const port of ${JSON.stringify(STRANGER_PORTS)}) net.createServer().listen(port)`;
  const container = {
    name: "stranger",
    image: imageOf(world, "gateway"),
    args: ["--input-type=module", "--eval", listen],
    readinessProbe: { tcpSocket: { port: STRANGER_PORTS.at(-1) }, periodSeconds: 1 },
    resources: { requests: { cpu: "10m", memory: "32Mi" }, limits: { memory: "128Mi" } },
    securityContext: restricted,
  };
  const spec = { restartPolicy: "Never", automountServiceAccountToken: false, containers: [container], ...podSecurity };
  const metadata = { name: "stranger", labels: { "app.kubernetes.io/name": "stranger" } };
  await world.kube.run(["apply", "--server-side", "--filename", "-"], {
    input: JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata, spec }),
  });
  return until("the stranger", 60_000, async () => {
    const pod = await world.kube.get<Pod>("pod", "stranger");
    return isReady(pod) && pod;
  });
}

export async function stopStranger({ kube }: World): Promise<void> {
  await kube.run(["delete", "pod", "stranger", "--grace-period=1"]);
}
