import { actNames } from "./acts.ts";
import { readCommandLine } from "./command-line.ts";

export type Options = {
  readonly helm: string;
  readonly namespace: string;
  readonly context: string | undefined;
  readonly registry: string;
  readonly rate: number;
  readonly keep: boolean;
  readonly skipBuild: boolean;
  /** The commit that the first version is of. */
  readonly from: string | undefined;
  readonly only: readonly string[];
  readonly json: string | undefined;
};

const help = `Installs the shop into a fresh namespace of a cluster, tests all functions there under load, and removes it again.

  npm run e2e:cluster -- [options]

  --helm BINARY      which Helm (default helm); 3 and 4 both do
  --namespace NAME   default kontor-e2e; it must not exist, and is deleted at the end
  --context NAME     the cluster, as kubectl knows it (default: the current one)
  --registry NAME    push the images there, such as registry.example.com/team, for clusters that do not see this machine's.
                     kind and minikube are loaded without; Docker Desktop sees them
  --rate N           requests a second while something is done to the shop (default 10)
  --only ACT         only this act, several times if wanted; the shop is installed if it is not there
  --from COMMIT      upgrade from services and chart of this commit or tag, such as the last release (default: these sources).
                     They are upgraded to these sources, with a column more in every table. Plays upgrade and rollback
  --skip-build       take the images of the last run
  --keep             leave shop and namespace where they are
  --json FILE        write the figures there
  --help             this

Acts, in this order: ${actNames.join(", ")}

Needs a cluster of Kubernetes 1.33 or newer with a default StorageClass, 4 GiB of memory to spare and two or more cores,
kubectl and Helm in PATH, and Docker with Buildx for the images. Two cores take about half an hour.`;

/** Reads the command line. Undefined for --help, which is printed then. @throws Refusal */
export function readOptions(args: readonly string[]): Options | undefined {
  const own = {
    namespace: { type: "string", default: "kontor-e2e" },
    from: { type: "string" },
    "skip-build": { type: "boolean", default: false },
  } as const;
  const read = readCommandLine(args, own, { help, acts: actNames });
  if (!read) return undefined;
  const { namespace, from, "skip-build": skipBuild } = read.own;
  return { ...read.common, namespace, from, skipBuild };
}
