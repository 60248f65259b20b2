import { existsSync, readFileSync } from "node:fs";
import { type DescField, type DescMessage, hasOption, ScalarType } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence as FieldPresence } from "@bufbuild/protobuf/wkt";
import { wire_copy_of } from "@kontor/contracts/options/v1/options";
import { expect, it } from "vitest";
import { registry } from "../src/registry.ts";
import { serviceNames } from "../src/services.ts";

/** The texts of responses and events that always have a value. All others are `optional`: absent instead of empty. */
const neverEmpty = Object.fromEntries([
  ["money.v1.Money", ["currency"]],
  ...serviceNames.flatMap((service) =>
    Object.entries(textsOf(service)).map(([message, texts]) => [`${service}.v1.${message}`, texts]),
  ),
]);

/** The list of a service, for its contracts. */
function textsOf(service: string): Record<string, string[]> {
  const file = new URL(`../../${service}/test/texts.json`, import.meta.url);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
}

function isImplicitText(field: DescField): boolean {
  const isText = field.scalar === ScalarType.STRING && field.fieldKind === "scalar";
  return isText && field.presence === FieldPresence.IMPLICIT && !hasOption(field, wire_copy_of);
}

it("texts of responses and events are optional unless they always have a value", () => {
  const shown = new Set<DescMessage>();
  for (const type of registry) {
    if (type.kind === "service") for (const { output } of type.methods) shown.add(output);
    if (type.kind === "message" && type.file.name.endsWith("/events")) shown.add(type);
  }
  for (const { fields } of shown) for (const { message } of fields) if (message !== undefined) shown.add(message);
  const texts = [...shown]
    .filter(({ typeName }) => /^(shop|kontor)\./.test(typeName))
    .map(({ typeName, fields }) => [typeName, fields.filter(isImplicitText).map(({ name }) => name)] as const)
    .filter(([, names]) => names.length > 0)
    .map(([typeName, names]) => [typeName.replace(/^(shop|kontor)\./, ""), names] as const);
  expect(
    Object.fromEntries(texts),
    "Declare a text `optional`, or list it in apps/<service>/test/texts.json if it always has a value.",
  ).toEqual(neverEmpty);
});
