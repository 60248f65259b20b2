import type { Change, ChangeType } from "./change-files.ts";

const TITLES: Readonly<Record<ChangeType, string>> = {
  major: "Breaking changes",
  minor: "Additions",
  patch: "Fixes",
};

/** Returns the section of a release: its changes by type, and a link to what an operator does. */
export function sectionOf(version: string, date: string, changes: readonly Change[]): string {
  const anchor = `${version}-${date}`.replaceAll(".", "");
  const parts = (Object.keys(TITLES) as ChangeType[]).flatMap((type) => {
    const items = changes.filter((change) => change.type === type);
    return items.length === 0 ? [] : [`### ${TITLES[type]}\n\n${items.map(itemOf).join("\n")}`];
  });
  const upgrade = `What to do: [upgrade notes](docs/guides/upgrading.md#${anchor}).`;
  return `${[`## ${version} (${date})`, upgrade, ...parts].join("\n\n")}\n`;
}

/** Returns the changelog with a section above all others. */
export function withSection(changelog: string, section: string): string {
  const first = changelog.search(/^## /m);
  return first < 0
    ? `${changelog.trimEnd()}\n\n${section}`
    : `${changelog.slice(0, first)}${section}\n${changelog.slice(first)}`;
}

/**
 * Returns the section of a version, for the page of the release.
 *
 * @throws Error if the changelog has none.
 */
export function readSection(changelog: string, version: string): string {
  const sections = changelog.split(/^(?=## )/m);
  const found = sections.find((section) => section.startsWith(`## ${version} (`));
  if (found === undefined)
    throw new Error(`CHANGELOG.md has no section of ${version}. Release by \`npm run release\`.`);
  return `${found.slice(found.indexOf("\n")).trim()}\n`;
}

function itemOf({ summary }: Change): string {
  return `- ${summary.replaceAll("\n", "\n  ").replaceAll(/^ +$/gm, "")}`;
}
