import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { create, createFileRegistry, fromJson, type JsonValue, setExtension } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema, MethodOptionsSchema } from "@bufbuild/protobuf/wkt";
import { clientSource, reasonsIn, servedMethods } from "@kontor/client-generator";
import { http } from "@kontor/contracts/google/api/annotations";
import { HttpRuleSchema } from "@kontor/contracts/google/api/http";
import { describe, expect, it, onTestFinished } from "vitest";

const field = (name: string, number: number, rest: object) => ({
  name,
  number,
  jsonName: name,
  label: "LABEL_OPTIONAL",
  ...rest,
});
const node = { type: "TYPE_MESSAGE", typeName: ".tree.v1.Node" };
const text = { type: "TYPE_STRING" };

/** Contracts of another company: a message that contains itself, names and comments that are no TypeScript, a bidirectional stream. */
function contracts() {
  const rule = (value: object) => {
    const options = create(MethodOptionsSchema);
    setExtension(options, http, fromJson(HttpRuleSchema, value as JsonValue));
    return options;
  };
  const set = fromJson(FileDescriptorSetSchema, {
    file: [
      {
        name: "tree.proto",
        package: "tree.v1",
        syntax: "proto3",
        messageType: [
          {
            name: "Node",
            field: [
              field("left", 1, node),
              field("kids", 2, { type: "TYPE_MESSAGE", typeName: ".tree.v1.Node.KidsEntry", label: "LABEL_REPEATED" }),
              field("default", 3, text),
            ],
            nestedType: [
              {
                name: "KidsEntry",
                field: [field("key", 1, text), field("value", 2, node)],
                options: { mapEntry: true },
              },
            ],
          },
          { name: "GetRequest", field: [field("name", 1, text), field("size", 2, { type: "TYPE_INT64" })] },
        ],
        service: [
          {
            name: "TreeService",
            method: [
              { name: "Get", inputType: ".tree.v1.GetRequest", outputType: ".tree.v1.Node" },
              { name: "Grow", inputType: ".tree.v1.Node", outputType: ".tree.v1.Node", serverStreaming: true },
              {
                name: "Talk",
                inputType: ".tree.v1.Node",
                outputType: ".tree.v1.Node",
                clientStreaming: true,
                serverStreaming: true,
              },
            ],
          },
        ],
      },
    ],
  } as JsonValue);
  const [get, grow, talk] = set.file[0]?.service[0]?.method ?? [];
  if (get) get.options = rule({ get: "/v1/{name=trees/*}" });
  if (grow) grow.options = rule({ post: "/v1/trees:grow", body: "*" });
  if (talk) talk.options = rule({ get: "/v1/trees:talk" });
  return createFileRegistry(set);
}

const source = (comments: Record<string, string> = {}) =>
  clientSource({
    methods: servedMethods(contracts(), false),
    comments,
    policy: false,
    reasons: reasonsIn({ GONE: { meanings: [{ domain: "tree", http: 410, message: { en: "{name} is gone." } }] } }),
    runtime: "./runtime/index.ts",
  });

describe("the client of foreign contracts", () => {
  it("has a call for each RPC but streams in both directions, and a message that contains itself", () => {
    expect(source()).toContain('get: { http: "GET /v1/{name=trees/*}", safe: true }');
    expect(source()).toContain('grow: { http: "POST /v1/trees:grow", body: "*", stream: true }');
    expect(source()).not.toContain("talk");
    expect(source()).toContain("readonly kids: { readonly [key: string]: Node };");
    expect(source()).toContain("readonly GONE: { readonly name: string };");
  });

  it("compiles, whatever the comments of its contracts contain", async () => {
    const folder = await mkdtemp(join(tmpdir(), "kontor-client-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const evil = "*/ export const evil = 1; /* \u2028 </script> `";
    const text = source({ "tree.v1.Node": evil, "tree.v1.Node.left": evil, "tree.v1.TreeService.Get": evil });
    const use = `import { apiError, createClient } from "./client.ts";
export async function run(): Promise<string> {
  const client = createClient({ url: "http://localhost" });
  for await (const { kids } of client.tree.grow({ left: { default: "x" } })) if (kids.a?.default === "") break;
  // @ts-expect-error: the path needs the name.
  await client.tree.get({ size: "1" }).catch(() => {});
  try {
    const { left } = await client.tree.get({ name: "trees/1", size: "9007199254740993" });
    return left?.default ?? "";
  } catch (error) {
    const known = apiError(error);
    return known?.reason === "GONE" ? known.metadata.name : "";
  }
}
`;
    await writeFile(join(folder, "client.ts"), text);
    await writeFile(join(folder, "use.ts"), use);
    await writeFile(join(folder, "package.json"), '{"type":"module"}');
    const runtime = fileURLToPath(new URL("../../client/src", import.meta.url));
    await cp(runtime, join(folder, "runtime"), { recursive: true, filter: (name) => !name.includes(".test.") });
    const root = fileURLToPath(new URL("../../../", import.meta.url));
    const types = [
      "--lib",
      "esnext,dom,dom.iterable,dom.asynciterable",
      "--types",
      "",
      "--module",
      "nodenext",
      "--target",
      "esnext",
    ];
    const args = [
      ...types,
      "--noEmit",
      "--allowImportingTsExtensions",
      "--strict",
      "--exactOptionalPropertyTypes",
      join(folder, "use.ts"),
    ];
    const compiled = await promisify(execFile)(join(root, "node_modules/.bin/tsc"), args, { cwd: folder }).then(
      ({ stdout }) => stdout,
      (error: { stdout: string }) => error.stdout,
    );
    expect(compiled).toBe("");
    expect(text).not.toMatch(/^export const evil/m);
  }, 120_000);
});
