import {
  createRegistry,
  type DescFile,
  type DescMessage,
  type DescService,
  type Message,
  type Registry,
} from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { CompilationError, createValidator } from "@bufbuild/protovalidate";
import { type FieldViolation, violation } from "@kontor/errors";
import { violationOf } from "./codes.ts";
import { hasRules, requireKnown, typesIn } from "./declared.ts";
import { type Found, inOrder } from "./found.ts";
import { createOwnRules, type Findings } from "./own-rules.ts";
import { matches } from "./pattern.ts";
import { RuleError } from "./rule-error.ts";
import { samplesOf } from "./samples.ts";
import { concernsUpdate } from "./update-masks.ts";

/** Receives a rule that cannot be evaluated on a message: a bug of the contract. */
export type OnDefect = (error: Error, type: string) => void;

/** Returns the violations of a message, in the order of its fields. */
export type MessageCheck = (message: Message) => readonly FieldViolation[];

/** Returns a compiler of message types. It returns undefined for types without rules, and throws RuleError for rules that it cannot apply. */
export function createMessageRules(
  contracts: Registry,
  onDefect: OnDefect,
): (type: DescMessage) => MessageCheck | undefined {
  const validator = createValidator({ registry: contracts, regexMatch: matches });
  const ownRulesOf = createOwnRules();

  function compile(type: DescMessage): void {
    for (const each of typesIn(type)) {
      requireKnown(each);
      if (!hasRules(each)) continue;
      for (const sample of samplesOf(each)) {
        const { error } = validator.validate(each, sample);
        if (error instanceof CompilationError)
          throw new RuleError(`${each.typeName}: ${error.message}`, { cause: error });
      }
    }
  }

  return (type) => {
    compile(type);
    const own = ownRulesOf(type);
    const isDeclared = [...typesIn(type)].some(hasRules);
    if (!own && !isDeclared) return undefined;
    const concerns = concernsUpdate(type);
    return (message) => {
      const reflected = reflect(type, message);
      const findings: Findings = { found: [], oversized: false };
      own?.(reflected, [], findings);
      // The rules of each item are not evaluated on more items than the contract allows.
      const standard = findings.oversized || !isDeclared ? [] : standardFindings(type, message);
      const found = [...findings.found, ...standard];
      if (found.length === 0) return [];
      return inOrder(concerns ? found.filter(({ path }) => concerns(reflected, path)) : found);
    };
  };

  function standardFindings(type: DescMessage, message: Message): readonly Found[] {
    const result = validator.validate(type, message);
    if (result.kind === "valid") return [];
    if (result.kind === "invalid")
      return result.violations.map((found) => ({ path: found.field, violation: violationOf(found) }));
    onDefect(result.error, type.typeName);
    return [{ path: [], violation: violation("", "NOT_EVALUATED") }];
  }
}

/** Returns the files of services with all that they import: predefined rules of contracts are found there. */
export function registryOf(services: Iterable<DescService>): Registry {
  const files = new Set<DescFile>();
  const add = (file: DescFile) => {
    if (files.has(file)) return;
    files.add(file);
    file.dependencies.forEach(add);
  };
  for (const { file } of services) add(file);
  return createRegistry(...files);
}
