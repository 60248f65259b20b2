/** The folder with the migrations of the tables that this package keeps in the database of a service. */
export const sagaTables = /* @__PURE__ */ new URL("../prisma/saga/", import.meta.url);
