import { type Edit, insertion, sortedLine } from "./edit.ts";
import { capitalised } from "./names.ts";
import type { Spellings } from "./spellings.ts";

/** Queries read, commands change. */
export const folderOf = (changes: boolean): string => (changes ? "commands" : "queries");
/** Path of the file of the query or command. */
export const sourceOf = (service: string, { kebab }: Spellings, changes: boolean): string =>
  `apps/${service}/src/${folderOf(changes)}/${kebab}.ts`;
/** Path of the contract of a service. */
export const contractOf = (service: string): string => `proto/shop/${service}/v1/${service}_service.proto`;

/** How an RPC is called; removing it needs `changes` alone. */
type Route = { readonly changes: boolean; readonly scope: string | undefined; readonly path: string };

/** Returns the entries of an RPC in contract, handlers and composition. */
export function rpcEdits(service: string, name: Spellings, { changes, scope, path }: Route): readonly Edit[] {
  const { pascal, camel, kebab } = name;
  const Service = `${capitalised(service)}Service`;
  const contract = contractOf(service);
  const grpc = `apps/${service}/src/inbound/grpc.ts`;
  const app = `apps/${service}/src/app.ts`;
  const http = changes ? `      post: "${path}"\n      body: "*"` : `      get: "${path}"`;
  const auth = scope === undefined ? "{public: true}" : `{\n      scopes: ["${scope}"]\n    }`;
  const message = (type: string) =>
    new RegExp(`\\n// The \\w+ of ${pascal}\\.\\nmessage ${type} \\{\\n(?:  .*\\n)*\\}\\n`);
  return [
    insertion(
      contract,
      { from: `service ${Service} {\n`, before: "\n}\n" },
      `

  // Takes an id and returns it. Fails with INVALID_REQUEST unless the id has 1 to 100 characters.
  rpc ${pascal}(${pascal}Request) returns (${pascal}Response) {
    option (google.api.http) = {
${http}
    };
    option (kontor.options.v1.auth) = ${auth};${changes ? "" : "\n    option idempotency_level = NO_SIDE_EFFECTS;"}
  }`,
      new RegExp(`\\n\\n(?:  //.*\\n)*  rpc ${pascal}\\(.*\\{\\n(?:    .*\\n)*  \\}`),
    ),
    insertion(
      contract,
      "end",
      `\n// The request of ${pascal}.\nmessage ${pascal}Request {\n  // Which one. 1 to 100 characters.\n  string id = 1 [(kontor.rules.v1.field).text = {\n    min_length: 1\n    max_length: 100\n  }];\n}\n`,
      message(`${pascal}Request`),
    ),
    rulesImport(contract),
    insertion(
      contract,
      "end",
      `\n// The response of ${pascal}.\nmessage ${pascal}Response {\n  // Which one it was.\n  string id = 1;\n}\n`,
      message(`${pascal}Response`),
    ),
    insertion(
      grpc,
      "start",
      `import type { ${camel} } from "../${folderOf(changes)}/${kebab}.ts";\n`,
      new RegExp(`^import type \\{ ${camel} \\} from .*\\n`, "m"),
    ),
    insertion(
      grpc,
      { after: /^(?:type Deps = |interface Deps )\{\n/ },
      `  readonly ${camel}: ReturnType<typeof ${camel}>;\n`,
      new RegExp(`^  readonly ${camel}: .*\\n`, "m"),
    ),
    insertion(
      grpc,
      { from: `implement(${Service}, {\n`, before: "\n  });\n" },
      `\n    async ${camel}({ id }) {\n      return { id: await app.${camel}(id) };\n    },`,
      new RegExp(`\\n    async ${camel}\\(.*\\) \\{\\n(?:      .*\\n)*    \\},`),
    ),
    insertion(
      app,
      "start",
      `import { ${camel} } from "./${folderOf(changes)}/${kebab}.ts";\n`,
      new RegExp(`^import \\{ ${camel} \\} from .*\\n`, "m"),
    ),
    insertion(
      app,
      { after: `        ${service}Service({\n` },
      `          ${camel}: ${camel}(),\n`,
      new RegExp(`^          ${camel}: ${camel}\\(.*\\),\\n`, "m"),
    ),
    textOf(service, `${pascal}Response`),
  ];
}

const RULES = 'import "kontor/rules/v1/rules.proto";\n';

/** Rules are imported while a field has one. */
function rulesImport(file: string): Edit {
  const line = sortedLine(file, RULES.trim(), { like: /^import "/, own: new RegExp(RegExp.escape(RULES)) });
  return {
    file,
    add: (text) => (text.includes(RULES) ? text : line.add(text)),
    remove: (text) => (text.includes("(kontor.rules.v1.") || !text.includes(RULES) ? text : line.remove(text)),
  };
}

/** Texts of responses and events that always have a value are listed. */
export function textOf(service: string, message: string): Edit {
  const file = `apps/${service}/test/texts.json`;
  const entry = `"${message}": ["id"]`;
  const own = new RegExp(`,\\n {2}"${message}": \\[[^\\]]*\\](?=,?\\n)`);
  return insertion(file, { before: "\n}\n" }, `,\n  ${entry}`, own);
}
