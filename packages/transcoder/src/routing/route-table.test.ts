import { describe, expect, it } from "vitest";
import { parsePath } from "./raw-path.ts";
import type { Route } from "./route.ts";
import { RouteTable } from "./route-table.ts";
import { parseTemplate } from "./template.ts";

const routes = ["/a/b/c", "/a/*/c", "/a/*/d", "/a/b/**", "/**", "/a/*:go", "/a/**:go", "/*/b/*"];

function tableOf(patterns: readonly string[]): RouteTable {
  const table = new RouteTable();
  for (const pattern of patterns)
    table.add({ pattern, httpMethod: "GET", template: parseTemplate(pattern) } as unknown as Route);
  return table;
}

function find(table: RouteTable, path: string): string | undefined {
  const lookup = table.find("GET", parsePath(path));
  return lookup !== undefined && "found" in lookup ? lookup.found.route.pattern : undefined;
}

describe("a lookup", () => {
  it.each([routes, routes.toReversed()])("prefers literals to * to **, in any order of registration", (...patterns) => {
    const table = tableOf(patterns);
    expect(find(table, "/a/b/c")).toBe("/a/b/c");
    expect(find(table, "/a/x/c")).toBe("/a/*/c");
    expect(find(table, "/a/b/d")).toBe("/a/b/**");
    expect(find(table, "/a/b")).toBe("/a/b/**");
    expect(find(table, "/a/x/d")).toBe("/a/*/d");
    expect(find(table, "/x/b/d")).toBe("/*/b/*");
    expect(find(table, "/a/x/e")).toBe("/**");
    expect(find(table, "/a/x:go")).toBe("/a/*:go");
    expect(find(table, "/a/x/y:go")).toBe("/a/**:go");
  });

  it("backtracks when a literal leads to no route", () => {
    expect(find(tableOf(["/a/b/c/d", "/*/b/c/e", "/a/*/c/f"]), "/a/b/c/e")).toBe("/*/b/c/e");
    expect(find(tableOf(["/a/b/c/d", "/*/b/c/e", "/a/*/c/f"]), "/a/b/c/f")).toBe("/a/*/c/f");
  });

  it("is cheap on paths made to force backtracking", () => {
    const depth = 12;
    const patterns = Array.from(
      { length: 2 ** 8 },
      (_, bits) => `/${Array.from({ length: depth }, (_, i) => (i < 8 && (bits >> i) & 1 ? "*" : "a")).join("/")}/end`,
    );
    const table = tableOf(patterns);
    const path = parsePath(`/${"a/".repeat(depth)}${"a/".repeat(2000)}x`);
    const started = performance.now();
    for (let i = 0; i < 100; i++) expect(table.find("GET", path)).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
