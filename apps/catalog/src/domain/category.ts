/** A shelf of the shop. */
export type Category = {
  readonly id: string;
  readonly name: string;
  /** Empty at the top. */
  readonly parentId: string;
  /** Whether it is in no list of shoppers. */
  readonly archived: boolean;
};

/** The changeable fields of a category. Another parent moves it with all below it. */
export type CategoryEdit = Partial<Pick<Category, "name" | "parentId">>;

/** The most categories of the shop. */
export const MAX_CATEGORIES = 1_000;
