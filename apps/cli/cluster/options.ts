import { parseArgs } from "node:util";
import { Refusal } from "../src/launcher/refusal.ts";
import { actNames } from "./acts.ts";

export type Options = {
  readonly helm: string;
  readonly namespace: string;
  readonly context: string | undefined;
  readonly registry: string;
  readonly rate: number;
  readonly keep: boolean;
  readonly skipBuild: boolean;
  readonly only: readonly string[];
  readonly json: string | undefined;
};

const help = `Installs the shop into a fresh namespace of a cluster, tries everything there under load, and removes it again.

  npm run e2e:cluster -- [options]

  --helm BINARY      which Helm (default helm); 3 and 4 both do
  --namespace NAME   default kontor-e2e; it must not exist, and is deleted at the end
  --context NAME     the cluster, as kubectl knows it (default: the current one)
  --registry NAME    push the images there, such as registry.example.com/team, for clusters that do not see this machine's.
                     kind and minikube are loaded without; Docker Desktop sees them
  --rate N           requests a second while something is done to the shop (default 10)
  --only ACT         only this act, several times if wanted; the shop is installed if it is not there
  --skip-build       take the images of the last run
  --keep             leave shop and namespace where they are
  --json FILE        write the figures there
  --help             this

Acts, in this order: ${actNames.join(", ")}

Needs a cluster of Kubernetes 1.33 or newer with a default StorageClass, 4 GiB of memory to spare and two or more cores,
kubectl and Helm in PATH, and Docker with Buildx for the images. Two cores take about half an hour.`;

/** Reads the command line. Undefined when it asked for help, which is printed then. */
export function readOptions(args: readonly string[]): Options | undefined {
  const values = parse(args);
  if (values.help) {
    console.log(help);
    return undefined;
  }
  const unknown = values.only.find((name) => !actNames.includes(name));
  if (unknown) throw new Refusal(`There is no act "${unknown}". There are: ${actNames.join(", ")}.`);
  const rate = Number(values.rate);
  if (!(rate > 0 && rate <= 200)) throw new Refusal("--rate must be a number from 1 to 200.");
  return { ...values, rate, context: values.context, json: values.json, skipBuild: values["skip-build"] };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        helm: { type: "string", default: "helm" },
        namespace: { type: "string", default: "kontor-e2e" },
        context: { type: "string" },
        registry: { type: "string", default: "" },
        rate: { type: "string", default: "10" },
        only: { type: "string", multiple: true, default: [] },
        "skip-build": { type: "boolean", default: false },
        keep: { type: "boolean", default: false },
        json: { type: "string" },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (cause) {
    throw new Refusal(`${cause instanceof Error ? cause.message : cause}\n\n${help}`);
  }
}
