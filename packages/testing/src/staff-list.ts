import { expect, it } from "vitest";
import { type Queryable, rowsOf } from "./rows-of.ts";

/** The fields of a list request that all lists of staff have. */
interface ListRequest {
  readonly pageSize?: number | undefined;
  readonly pageToken?: string | undefined;
  readonly userId?: string | undefined;
}

/** A list for staff, over the orders `o-1`, `o-2` and `o-3`, created in this order; `o-1` and `o-3` are those of user `u-1`. */
export interface StaffList<R extends ListRequest> {
  /** Lists a page. May throw before it returns a promise. */
  readonly list: (request: R) => Promise<{
    readonly items: readonly { readonly orderId: string }[];
    readonly nextPageToken?: string | undefined;
  }>;
  readonly newestFirst: R;
  readonly oldestFirst: R;
  /** Each filter by its name, and the orders that it finds. */
  readonly filters: readonly (readonly [name: string, request: R, orderIds: readonly string[]])[];
}

/** Tests the order, filters and pages of a list for staff. Call it within `describe`. */
export function testStaffList<R extends ListRequest>(options: StaffList<R>): void {
  const { newestFirst, oldestFirst, filters } = options;
  const list = async (request: R) => options.list(request);
  const found = async (request: R) => (await list(request)).items.map(({ orderId }) => orderId);

  it("of all users, newest or oldest first", async () => {
    expect(await found({} as R)).toEqual(["o-3", "o-2", "o-1"]);
    expect(await found(oldestFirst)).toEqual(["o-1", "o-2", "o-3"]);
  });

  it.each(filters.map(([name, request, expected]) => ({ name, request, expected })))(
    "by $name",
    async ({ request, expected }) => {
      expect(await found(request)).toEqual(expected);
    },
  );

  it.each([
    ["newest", newestFirst],
    ["oldest", oldestFirst],
  ] as const)("in pages that follow each other, %s first", async (_, order) => {
    const seen: string[] = [];
    let pageToken = "";
    do {
      const page = await list({ ...order, pageSize: 1, pageToken });
      seen.push(...page.items.map(({ orderId }) => orderId));
      pageToken = page.nextPageToken ?? "";
    } while (pageToken !== "");
    expect(seen).toEqual(await found(order));
  });

  it("with a token for the same filters only", async () => {
    const { nextPageToken: pageToken = "" } = await list({ pageSize: 1 } as R);
    await expect(list({ userId: "u-1", pageToken } as R)).rejects.toMatchObject({ reason: "INVALID_REQUEST" });
  });
}

/** Expects the first and a later page of a list to read no table as a whole. `statementOf` returns the statement of a page. */
export async function expectIndexes(
  statementOf: (page: { readonly after?: string; readonly limit: number }) => {
    readonly text: string;
    readonly values: readonly unknown[];
  },
  sql: Queryable,
): Promise<void> {
  const after = "019acd00-0000-7000-8000-000000000000";
  for (const page of [{ limit: 21 }, { after, limit: 21 }]) {
    const { text, values } = statementOf(page);
    const plan = await rowsOf<{ readonly "QUERY PLAN": string }>(sql, `EXPLAIN ${text}`, values);
    expect(plan.map((line) => line["QUERY PLAN"]).join("\n")).not.toContain("Seq Scan");
  }
}
