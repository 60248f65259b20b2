/** The folder with the migrations of the tables that this package owns in the database of a service. */
export const messagingTables = /* @__PURE__ */ new URL("../prisma/messaging/", import.meta.url);
