import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createFileRegistry, type DescMessage, fromBinary, type Registry } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Refusal, readFlags, runCommand, wholeNumber } from "@kontor/config";
import { jsonRules } from "@kontor/policy";
import { JsonForm } from "@kontor/proto-json";
import { createComparison, edits, type Tally } from "@kontor/proto-json/fuzz";
import { registry as shop } from "@kontor/shop/registry";

const flags = {
  seed: { type: "string", default: String(Date.now() % 1_000_000) },
  count: { type: "string", default: "1000000" },
  only: { type: "string" },
} as const;

const help = `Compares generated code between JSON and the wire with the library, for random messages of each type.

  npm run fuzz:codec -- [options]

  --seed N     the choices; the same seed makes the same messages
  --count N    how many messages of each type in each direction (default 1000000)
  --only TYPE  types whose name contains this (default: all of the shop's contracts and of the transcoder's tests)
  --help       this

It ends with 1 at the first difference.`;

const library = fileURLToPath(new URL("../../../packages/transcoder/test/library.binpb", import.meta.url));

await runCommand(async () => {
  const options = readFlags(process.argv.slice(2), flags, help);
  if (options === undefined) return 0;
  const seed = wholeNumber("--seed", options.seed, 0, 2 ** 31);
  const count = wholeNumber("--count", options.count, 1, 1_000_000_000);
  const tests = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(library)));
  const sets = [
    { registry: tests, form: new JsonForm() },
    { registry: shop, form: new JsonForm(jsonRules) },
  ];
  let compared = 0;
  for (const { registry, form } of sets)
    for (const desc of typesOf(registry, options.only)) {
      compared++;
      console.log(`${desc.typeName}: ${compare(desc, registry, form, seed, count)}`);
    }
  if (compared === 0) throw new Refusal(`--only ${options.only}: no message type has a name with that.`);
  console.log(`No difference in ${compared} types with seed ${seed}.`);
  return 0;
});

function typesOf(registry: Registry, part = ""): readonly DescMessage[] {
  return [...registry].filter((type) => type.kind === "message").filter(({ typeName }) => typeName.includes(part));
}

/** Compares messages of a type in both directions. @throws Error at the first difference */
function compare(desc: DescMessage, registry: Registry, form: JsonForm, seed: number, count: number): string {
  const kinds = Object.values(edits).flatMap((edit) => [
    createComparison({ registry, seed, form, edit }),
    createComparison({ registry, seed: seed + 1, form, edit, mischief: 0.02 }),
  ]);
  const [written, read]: Tally[] = [
    { legal: 0, direct: 0 },
    { legal: 0, direct: 0 },
  ];
  for (let i = 0; i < count; i++) {
    const kind = kinds[i % kinds.length];
    if (kind === undefined || written === undefined || read === undefined) break;
    kind.writing(desc, written);
    kind.reading(desc, read);
  }
  return `${written?.direct} of ${written?.legal} written, ${read?.direct} of ${read?.legal} read directly`;
}
