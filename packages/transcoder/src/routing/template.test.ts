import { describe, expect, it } from "vitest";
import { parseTemplate, shapeOf } from "./template.ts";

describe("a path template", () => {
  it.each([
    ["/", "/"],
    ["/:check", "/:check"],
    ["/v1/books", "/v1/books"],
    ["/v1/{id}", "/v1/*"],
    ["/v1/{name=shelves/*/books/**}", "/v1/shelves/*/books/**"],
    ["/v1/{a.b=c/*/d}/e:cancel", "/v1/c/*/d/e:cancel"],
    ["/v1/**:verb", "/v1/**:verb"],
    ["/v1/{name=projects/*/databases/*/documents/*/**}:runQuery", "/v1/projects/*/databases/*/documents/*/**:runQuery"],
    ["/v1/caf%C3%A9", "/v1/café"],
  ])("%s has the shape %s", (text, shape) => {
    expect(shapeOf(parseTemplate(text))).toBe(shape);
  });

  it.each([
    "v1/books",
    "/v1//books",
    "/v1/",
    "//",
    "/v1/{id",
    "/v1/id}",
    "/v1/{{id}}",
    "/v1/{}",
    "/v1/{a..b}",
    "/v1/{1a}",
    "/v1/{a=b=c}",
    "/v1/{a=}",
    "/v1/{a}{b}",
    "/v1/x{a}",
    "/v1/**/x",
    "/v1/{a=**}/x",
    "/v1/{a=**/b}",
    "/v1/{parent=projects/*/documents/*/**}/{collection_id}",
    "/v1/{a}/{a}",
    "/v1/***",
    "/v1/a b",
    "/v1/a?b",
    "/v1/a#b",
    "/v1/..",
    "/v1/a:",
    "/v1/a:b:c",
    "/v1/a:b/c",
    "/v1/%zz",
  ])("%s is refused", (text) => {
    expect(() => parseTemplate(text)).toThrow(/./);
  });
});
