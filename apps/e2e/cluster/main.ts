import { kubectl } from "@kontor/cli";
import { progress } from "@kontor/launcher";
import { serversWorld } from "./acts/production.ts";
import { acts } from "./acts.ts";
import { helmOf, root } from "./helm.ts";
import { buildImages } from "./images.ts";
import { tellWhatIsLeft } from "./interrupted.ts";
import { isOwn, openNamespace } from "./namespace.ts";
import { type Options, readOptions } from "./options.ts";
import { asProcess, playAll, thenClose } from "./rehearse.ts";
import { atCommit } from "./versions.ts";
import type { Act, World } from "./world.ts";

await asProcess(async () => {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) return true;
  return options.from ? atCommit(options.from, (before) => rehearse(options, before)) : rehearse(options, root);
});

/** Plays the acts on an install from the sources in `before`. Returns whether all passed. */
async function rehearse(options: Options, before: string): Promise<boolean> {
  const { namespace } = options;
  const kube = kubectl(options);
  const kubernetes = JSON.parse(await kube.run(["version", "--output", "json"])).serverVersion.gitVersion;
  const helm = await helmOf(options, before);
  const context = options.context ?? (await kube.run(["config", "current-context"])).trim();
  progress(`Kubernetes ${kubernetes} (${context}), Helm ${helm.version}, namespace ${namespace}`);
  const world: World = { options, kube, helm, namespace, say: progress };
  // Namespaces of others are refused before images are built.
  await isOwn(world);
  await isOwn(serversWorld(world));
  if (!options.skipBuild) await buildImages(options, context, before, progress);
  const close = await openNamespace(world);
  tellWhatIsLeft(kube, [namespace, serversWorld(world).namespace]);
  return thenClose(world, close, async () => playAll(world, await chosen(world), { kubernetes, helm: helm.version }));
}

/** With --only the shop is installed first, unless it is there or the acts do that by themselves. */
async function chosen({ options: { only: wanted, keep, from }, helm }: World): Promise<Act[]> {
  // Other acts test the present version, which runs only after the upgrade.
  const only = from && wanted.length === 0 ? ["upgrade", "rollback"] : wanted;
  const installed = await helm.installed();
  const needless = only.length > 0 && acts.every(({ name, alone }) => alone || !only.includes(name));
  return acts.filter(({ name }) => {
    if (name === "install") return !installed && !needless;
    if (only.length > 0) return only.includes(name);
    return !keep || !["uninstall", "quota", "reinstall", "production"].includes(name);
  });
}
