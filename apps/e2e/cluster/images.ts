import { readFileSync } from "node:fs";
import { Refusal } from "@kontor/config";
import { root } from "./helm.ts";
import type { Options } from "./options.ts";
import { attempt, run } from "./run.ts";
import { ofNextVersion } from "./versions.ts";
import { TAGS } from "./world.ts";

const bakeFile = "k8s/images/docker-bake.hcl";

/** Builds all images of both versions, the first from the sources in `before`. */
export async function buildImages(
  options: Options,
  context: string,
  before: string,
  say: (text: string) => void,
): Promise<void> {
  const engine = await attempt("docker", ["version"]);
  if (engine.code !== 0)
    throw new Refusal(`The images are built by Docker, which does not respond: ${engine.err.trim()}`);
  const buildx = await attempt("docker", ["buildx", "version"]);
  if (buildx.code !== 0) throw new Refusal(`The images are built by Docker with Buildx: ${buildx.err.trim()}`);
  const build = (tag: string) => async (cwd: string) => {
    say(`building images ${tag}`);
    const registry = options.registry ? `${options.registry}/` : "";
    const where = options.registry ? "--push" : "--load";
    await run("docker", ["buildx", "bake", "--file", bakeFile, where], { cwd, env: { TAG: tag, REGISTRY: registry } });
    if (!options.registry) await load(context, tag, say);
  };
  await build(TAGS.first)(before);
  await ofNextVersion(build(TAGS.second));
}

/** kind and minikube have separate images. */
async function load(context: string, tag: string, say: (text: string) => void): Promise<void> {
  const images = apps().map((app) => `kontor/${app}:${tag}`);
  if (context.startsWith("kind-")) {
    say(`loading images ${tag} into ${context}`);
    await run("kind", ["load", "docker-image", "--name", context.slice("kind-".length), ...images]);
  }
  if (context === "minikube") {
    say(`loading images ${tag} into minikube`);
    for (const image of images) await run("minikube", ["image", "load", image]);
  }
}

function apps(): string[] {
  const [, list = ""] =
    /variable "APPS" \{\s*default = \[([^\]]*)\]/.exec(readFileSync(`${root}/${bakeFile}`, "utf8")) ?? [];
  return [...list.matchAll(/"([^"]+)"/g)].map(([, app = ""]) => app);
}
