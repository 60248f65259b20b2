import { implement } from "@kontor/rpc";
import { defineService } from "@kontor/service";
import { demandConsumer, demandOf } from "./demand.ts";
import { LibraryService } from "./gen/acme/library/v1/library_service_pb.js";
import { lendBook } from "./lend-book.ts";
import { library } from "./system.ts";

export const libraryApp = defineService({
  system: library,
  name: "library",
  settings: {},
  migrations: new URL("../migrations/", import.meta.url),
  build({ db }) {
    return {
      services: [
        implement(LibraryService, {
          lendBook: async (request) => ({ loanId: await lendBook(db, request) }),
          getDemand: async ({ isbn }) => ({ isbn, loans: await demandOf(db, isbn) }),
        }),
      ],
      consumers: [demandConsumer],
    };
  },
});
