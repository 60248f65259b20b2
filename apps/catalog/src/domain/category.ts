/** A shelf of the shop. */
export type Category = {
  readonly id: string;
  readonly name: string;
  /** Empty at the top. */
  readonly parentId: string;
  /** Whether it is in no list of shoppers. */
  readonly archived: boolean;
};

/** What can be changed of a category. Another parent moves it with all below it. */
export type CategoryEdit = Partial<Pick<Category, "name" | "parentId">>;

/** How many categories the shop keeps. */
export const MAX_CATEGORIES = 1_000;
