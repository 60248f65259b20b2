/** The folder with the migrations of the tables that this package owns in the database of a service. */
export const idempotencyTables = /* @__PURE__ */ new URL("../prisma/idempotency/", import.meta.url);
