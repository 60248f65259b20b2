/** One row of a table: a name, with a smaller line below, and an amount. */
export type Row = { readonly label: string; readonly detail?: string; readonly amount: string };

/** A part of a letter. */
export type Block =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "table"; readonly rows: readonly Row[]; readonly sums: readonly Row[]; readonly total: Row }
  | { readonly type: "note"; readonly title: string; readonly lines: readonly string[] };

/** The content of a mail in one language, before it becomes text or HTML. */
export type Letter = {
  readonly language: string;
  readonly shop: string;
  readonly subject: string;
  readonly greeting: string;
  readonly blocks: readonly Block[];
  readonly closing: string;
};
