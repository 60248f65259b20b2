import { ask } from "./step.ts";

/** Returns the commit that contracts are compared with: where this branch left main; on main itself, the commit before. */
export function baseOfContracts(): { readonly base: string } | { readonly base?: undefined; readonly reason: string } {
  const main = ["main", "origin/main"].find((branch) => ask("git", "rev-parse", "--verify", branch));
  if (!main) return { reason: "there is no branch main to compare with" };
  const changed = ask("git", "status", "--porcelain", "--", "proto") !== "";
  const fork = ask("git", "merge-base", "HEAD", main);
  const atFork = fork === ask("git", "rev-parse", "HEAD");
  const base = atFork && !changed ? ask("git", "rev-parse", "--verify", "--quiet", "HEAD~1") : fork;
  if (!base || ask("git", "cat-file", "-e", `${base}:buf.yaml`) === undefined)
    return { reason: "no earlier commit has contracts" };
  return { base };
}
