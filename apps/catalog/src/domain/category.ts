/** A shelf of the shop. */
export type Category = {
  readonly id: string;
  readonly name: string;
  /** Empty at the top. */
  readonly parentId: string;
};

/** How many categories the shop keeps. */
export const MAX_CATEGORIES = 1_000;
