import { type FieldViolation, invalid, violation } from "@kontor/errors";
import { createToken, type Filters, readToken } from "./token.ts";

/** The page of a request, as in AIP-158. */
export interface PageRequest {
  /** The number of requested items. 0: the default. */
  readonly pageSize: number;
  /** `nextPageToken` of the page before; absent or empty: the first page. */
  readonly pageToken?: string | undefined;
}

/** One page of a list: the rows to read, and the function that returns them. */
export interface Page<C extends string> {
  /** The number of rows to read: one more than the page has, which shows whether another page follows. */
  readonly limit: number;
  /** The cursor of the last item of the page before; undefined on the first page. */
  readonly after: Readonly<Record<C, string>> | undefined;
  /** Returns the items of the page out of the rows read, and the token of the next page unless this one is the last. */
  of<T>(
    rows: readonly T[],
    cursorOf: (last: T) => Readonly<Record<C, string | bigint | number>>,
  ): { readonly items: readonly T[]; readonly nextPageToken?: string };
}

/** The pages of one list. */
export interface Pages<C extends string> {
  /**
   * Reads the page of a request. `filters` contains everything that decides the items of the list and their order: the
   * filters, the sort order, the owner. The size of the page is not among them; a client may change it between pages.
   *
   * @throws KontorError INVALID_REQUEST that names `pageSize` or `pageToken`.
   */
  read(request: PageRequest, filters?: Filters): Page<C>;
}

/**
 * Defines the pages of a list. Their tokens are good for this list, under the same filters, order and owner only.
 *
 * ```ts
 * const pages = definePages({ list: "orders", domain: "orders.shop", cursor: { orderId: /^[\w-]{1,64}$/ } });
 * function firstPage(userId: string, rows: readonly { orderId: string }[]) {
 *   const page = pages.read({ pageSize: 20 }, { userId });
 *   return page.of(rows.slice(0, page.limit), ({ orderId }) => ({ orderId }));
 * }
 * ```
 *
 * @param options.list Names the list; unique among all lists of all services.
 * @param options.domain The domain of the errors.
 * @param options.cursor The parts of a cursor and what each may look like. A token holds no other values.
 * @param options.defaultSize Items on a page if the request names no size. Default: 20.
 * @param options.maxSize The largest page. Default: 100.
 */
export function definePages<C extends string>(options: {
  readonly list: string;
  readonly domain: string;
  readonly cursor: Readonly<Record<C, RegExp>>;
  readonly defaultSize?: number;
  readonly maxSize?: number;
}): Pages<C> {
  const { list, domain, cursor, defaultSize = 20, maxSize = 100 } = options;
  return {
    read({ pageSize, pageToken = "" }, filters = {}) {
      const after = pageToken === "" ? undefined : readToken(pageToken, { list, filters, cursor });
      const violations: FieldViolation[] = [];
      if (!(pageSize >= 0 && pageSize <= maxSize))
        violations.push(violation("pageSize", "OUT_OF_RANGE", { min: 0, max: maxSize }));
      if (pageToken !== "" && after === undefined) violations.push(violation("pageToken", "WRONG_PAGE_TOKEN"));
      if (violations.length > 0) throw invalid(violations, domain);
      const size = pageSize || defaultSize;
      return {
        limit: size + 1,
        after,
        of(rows, cursorOf) {
          const items = rows.slice(0, size);
          const last = items.at(-1);
          if (rows.length <= size || last === undefined) return { items };
          return { items, nextPageToken: createToken(cursorOf(last), { list, filters, cursor }) };
        },
      };
    },
  };
}
