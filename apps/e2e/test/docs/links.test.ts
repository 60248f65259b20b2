import { existsSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { read, root, run } from "../delivery/files.ts";

const pages = run("git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md")
  .split("\n")
  .filter((page) => page !== "" && existsSync(`${root}/${page}`));

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): Set<string> {
  const headings = [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => heading);
  const slugs = headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .replaceAll(/[^\p{L}\p{N}\p{M}\s_-]/gu, "")
      .replaceAll(/\s/g, "-"),
  );
  return new Set(slugs);
}

/** The links of a page that lead to a file of the repository or to one of the page's headings. */
function linksOf(page: string): string[] {
  const prose = read(page)
    .replaceAll(/^```[\s\S]*?^```$/gm, "")
    .replaceAll(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = ""]) =>
    /^[a-z]+:/.test(target) ? [] : [target],
  );
}

function leadsNowhere(page: string, target: string): boolean {
  const [path = "", anchor] = target.split("#", 2);
  const folder = page.startsWith(".changeset/") && basename(page) !== "README.md" ? "." : dirname(page); // They move into CHANGELOG.md.
  const file = path === "" ? page : normalize(join(folder, decodeURI(path)));
  if (file.startsWith("../")) return false; // A page of the host, such as its advisories.
  if (!existsSync(`${root}/${file}`)) return true;
  return anchor !== undefined && file.endsWith(".md") && !anchorsOf(file).has(anchor);
}

describe("the links of", () => {
  it.each(pages)("%s lead to files and headings that exist", (page) => {
    expect(linksOf(page).filter((target) => leadsNowhere(page, target))).toEqual([]);
  });
});
