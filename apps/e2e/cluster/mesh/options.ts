import { Refusal } from "@kontor/config";
import { readCommandLine } from "../command-line.ts";
import type { Options } from "../options.ts";
import { actNames } from "./acts.ts";

export type MeshOptions = Options & {
  /** A Gateway without a mesh, as namespace/name, and its address. */
  readonly gateway: string | undefined;
  readonly url: string | undefined;
};

const help = `Installs the shop into a mesh of Istio and tests the functions of a mesh there; removes it again.

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
settings of k8s/istio/mesh.yaml. Two cores take about twenty minutes.`;

/** Reads the command line. Undefined for --help, which is printed then. @throws Refusal */
export function readOptions(args: readonly string[]): MeshOptions | undefined {
  const own = {
    namespace: { type: "string", default: "kontor-mesh" },
    gateway: { type: "string" },
    url: { type: "string" },
  } as const;
  const read = readCommandLine(args, own, { help, acts: actNames });
  if (!read) return undefined;
  const { namespace, gateway, url } = read.own;
  if ((gateway === undefined) !== (url === undefined)) throw new Refusal("--gateway and --url belong together.");
  if (gateway !== undefined && !/^[^/]+\/[^/]+$/.test(gateway)) throw new Refusal("--gateway must be NAMESPACE/NAME.");
  if (url !== undefined && !URL.canParse(url)) throw new Refusal("--url must be a URL, such as http://10.0.0.7.");
  if (gateway !== undefined && read.common.only.length > 0) throw new Refusal("With --gateway there is one act only.");
  return { ...read.common, namespace, gateway, url, skipBuild: true, from: undefined };
}
