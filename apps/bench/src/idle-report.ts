/** The resources of a shop without requests. */
export type Idle = {
  readonly topology: string;
  /** From the start of the launcher until the shop is open, with data there. */
  readonly openMs: number;
  /** Memory of all processes but PostgreSQL and the launcher, in MiB. */
  readonly rss: number;
  readonly pss: number;
  readonly each: Readonly<Record<string, number>>;
};

/** Returns the table that is printed. */
export function idleTable(measured: readonly Idle[]): string {
  const rows = measured.map(({ topology, openMs, rss, pss, each }) => {
    const largest = Object.entries(each)
      .sort(([, one], [, other]) => other - one)
      .slice(0, 4)
      .map(([name, mebibytes]) => `${name} ${mebibytes}`);
    return `| ${topology} | ${openMs} | ${rss} | ${pss} | ${largest.join(", ")} |`;
  });
  return ["| topology | open, ms | RSS, MiB | PSS, MiB | largest |", "| --- | --- | --- | --- | --- |", ...rows].join(
    "\n",
  );
}
