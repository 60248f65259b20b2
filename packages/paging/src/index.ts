export { definePages, type Page, type PageRequest, type Pages } from "./pages.ts";
export { type FilterReader, type IdRule, readFilters } from "./read-filters.ts";
