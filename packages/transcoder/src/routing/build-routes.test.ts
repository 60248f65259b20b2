import { create, createFileRegistry, setExtension } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FileDescriptorSetSchema,
  MethodOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { http } from "../gen/google/api/annotations_pb.ts";
import { type HttpRule, HttpRuleSchema } from "../gen/google/api/http_pb.ts";
import { buildRoutes } from "./build-routes.ts";
import { parsePath } from "./raw-path.ts";

type Rule = Parameters<typeof create<typeof HttpRuleSchema>>[1];

function build(...rules: Rule[]) {
  const { STRING, MESSAGE } = FieldDescriptorProto_Type;
  const { OPTIONAL, REPEATED } = FieldDescriptorProto_Label;
  const field = (name: string, number: number, type: FieldDescriptorProto_Type, label = OPTIONAL, typeName = "") => ({
    name,
    number,
    type,
    label,
    typeName,
    jsonName: name,
  });
  const entry: DescriptorProto = create(DescriptorProtoSchema, {
    name: "LabelsEntry",
    field: [field("key", 1, STRING), field("value", 2, STRING)],
    options: { mapEntry: true },
  });
  const message = {
    name: "M",
    field: [
      field("id", 1, STRING),
      field("tags", 2, STRING, REPEATED),
      field("child", 3, MESSAGE, OPTIONAL, ".t.M"),
      field("labels", 4, MESSAGE, REPEATED, ".t.M.LabelsEntry"),
    ],
    nestedType: [entry],
  };
  const method = rules.map((rule, i) => {
    const options = create(MethodOptionsSchema);
    setExtension(options, http, create(HttpRuleSchema, rule) as HttpRule);
    return { name: `Do${i}`, inputType: ".t.M", outputType: ".t.M", options };
  });
  const file = {
    name: "t/t.proto",
    package: "t",
    syntax: "proto3",
    messageType: [message],
    service: [{ name: "S", method }],
  };
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [file] }));
  return buildRoutes(
    [...registry].filter((type) => type.kind === "service"),
    () => true,
  );
}

const get = (path: string, more: Rule = {}): Rule => ({ pattern: { case: "get", value: path }, ...more });
const del = (path: string, more: Rule = {}): Rule => ({ pattern: { case: "delete", value: path }, ...more });
const post = (path: string, more: Rule = {}): Rule => ({ pattern: { case: "post", value: path }, ...more });

describe("a contract", () => {
  it.each<[string, RegExp, Rule[]]>([
    ["a wrong template", /must be the last/, [get("/a/**/b")]],
    ["a pattern that goes on after **", /must be the last part/, [get("/a/{id=b/*/**}/c")]],
    ["a variable that names no field", /names no field/, [get("/a/{nope}")]],
    ["a variable that names a repeated field", /repeated/, [get("/a/{tags}")]],
    ["a variable that names a map", /map/, [get("/a/{labels}")]],
    ["a variable that names a message", /message/, [get("/a/{child}")]],
    ["a variable that goes through a scalar", /not a message/, [get("/a/{id.x}")]],
    ["a body that is nested", /nested/, [post("/a", { body: "child.id" })]],
    ["a body that names a map", /map/, [post("/a", { body: "labels" })]],
    ["a body that names a repeated field", /names a repeated field/, [post("/a", { body: "tags" })]],
    ["a body that the path binds", /the path binds the field "id"/, [post("/a/{id}", { body: "id" })]],
    ["a DELETE with a body", /DELETE takes no body/, [del("/a", { body: "*" })]],
    ["a DELETE with a body field", /DELETE takes no body/, [del("/a", { body: "child" })]],
    [
      "a DELETE with a body in an additional binding",
      /DELETE takes no body/,
      [post("/a", { body: "*", additionalBindings: [create(HttpRuleSchema, del("/a", { body: "*" }))] })],
    ],
    ["a body that names no field", /names no field/, [post("/a", { body: "nope" })]],
    ["a GET with a body", /no body/, [get("/a", { body: "*" })]],
    ["a response body that names no field", /names no field/, [get("/a", { responseBody: "nope" })]],
    ["a rule without a pattern", /no pattern/, [{}]],
    [
      "a method that HTTP servers do not know",
      /FROBNICATE/,
      [{ pattern: { case: "custom", value: { kind: "FROBNICATE", path: "/a" } } }],
    ],
    ["two RPCs on one route", /already claimed by t\.S\.Do0/, [get("/a/{id}"), get("/a/{child.id}")]],
    [
      "nested additional bindings",
      /nest/,
      [
        get("/a", {
          additionalBindings: [
            create(HttpRuleSchema, get("/b", { additionalBindings: [create(HttpRuleSchema, get("/c"))] })),
          ],
        }),
      ],
    ],
  ])("with %s is refused, naming file, RPC and reason", (_, reason, rules) => {
    const refused = () => build(...rules);
    expect(refused).toThrow(reason);
    expect(refused).toThrow(/^t\/t\.proto: t\.S\.Do\d: /);
  });

  it("may bind a field inside of the body by the path", () => {
    expect(build(post("/a/{child.id}", { body: "child" }), post("/b/{id}", { body: "*" })).routes).toHaveLength(2);
  });

  it("may serve the root", () => {
    const { table } = build(get("/"));
    expect(table.find("GET", parsePath("/"))).toHaveProperty("found");
    expect(table.find("GET", parsePath("//"))).toBeUndefined();
  });

  it("may claim the same path with other methods or verbs", () => {
    expect(build(get("/a/{id}"), post("/a/{id}"), get("/a/{id}:go"), get("/a/{id=b}")).routes).toHaveLength(4);
  });
});
