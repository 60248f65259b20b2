/** The folder with the migrations of the tables that this package owns in the database of a service. */
export const eventStoreTables = /* @__PURE__ */ new URL("../prisma/event-store/", import.meta.url);
