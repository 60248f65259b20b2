import { parseArgs } from "node:util";
import { Refusal } from "../../src/launcher/refusal.ts";
import type { Options } from "../options.ts";
import { actNames } from "./acts.ts";

export type MeshOptions = Options & {
  /** A Gateway without a mesh, as namespace/name, and where it answers. */
  readonly gateway: string | undefined;
  readonly url: string | undefined;
};

const help = `Installs the shop into a mesh of Istio and tries there what a mesh is for; removes it again.

  npm run e2e:mesh -- [options]

  --helm BINARY        which Helm (default helm)
  --namespace NAME     default kontor-mesh; it must not exist, and is deleted at the end
  --context NAME       the cluster, as kubectl knows it (default: the current one)
  --registry NAME      where the images are, if the cluster does not see this machine's
  --rate N             requests a second while routes change (default 10)
  --only ACT           only this act, several times if wanted; the shop is installed if it is not there
  --gateway NS/NAME    instead of all that: without a mesh, behind this Gateway of the Gateway API
  --url URL            where pods reach that Gateway
  --keep               leave shop and namespace where they are
  --json FILE          write the figures there
  --help               this

Acts, in this order: ${actNames.join(", ")}

Needs what npm run e2e:cluster needs, its images (run that first), the CRDs of the Gateway API, and Istio with its CNI plugin and the
settings of k8s/istio/mesh.yaml. Two cores take about a quarter of an hour.`;

/** Reads the command line. Undefined when it asked for help, which is printed then. */
export function readOptions(args: readonly string[]): MeshOptions | undefined {
  const values = parse(args);
  if (values.help) {
    console.log(help);
    return undefined;
  }
  const { context, json, gateway, url, rate, ...rest } = values;
  if ((gateway === undefined) !== (url === undefined)) throw new Refusal("--gateway and --url belong together.");
  return { ...rest, rate: Number(rate), context, json, gateway, url, skipBuild: true };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        helm: { type: "string", default: "helm" },
        namespace: { type: "string", default: "kontor-mesh" },
        context: { type: "string" },
        registry: { type: "string", default: "" },
        rate: { type: "string", default: "10" },
        only: { type: "string", multiple: true, default: [] },
        gateway: { type: "string" },
        url: { type: "string" },
        keep: { type: "boolean", default: false },
        json: { type: "string" },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (cause) {
    throw new Refusal(`${cause instanceof Error ? cause.message : cause}\n\n${help}`);
  }
}
