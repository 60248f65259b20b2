import { sagaErrors } from "../errors.ts";
import { intendedUpTo, type Saga } from "./definition.ts";

/** Names the definition that a saga runs on. */
export interface DefinitionKey {
  readonly name: string;
  readonly definition_version: number;
}

/** The definitions that an engine runs: several versions of a name live side by side. */
export interface Definitions<Services> {
  readonly all: readonly Saga<Services>[];
  /** The names, each once. */
  readonly names: readonly string[];
  /** `<name>/<version>` of each. */
  readonly keys: readonly string[];
  /** Returns the definition that new sagas of the name begin with. Throws SAGA_UNKNOWN. */
  newest(name: string): Saga<Services>;
  /** Returns all versions of the name. Throws SAGA_UNKNOWN. */
  versions(name: string): readonly Saga<Services>[];
  /** Returns the definition that a stored saga began with, if this release has it. */
  find(key: DefinitionKey): Saga<Services> | undefined;
}

/** Returns the key of a definition: `<name>/<version>`. */
export function keyOf({ name, definition_version }: DefinitionKey): string {
  return `${name}/${definition_version}`;
}

/** Collects definitions. Throws an Error for two of the same name and version. */
export function collectDefinitions<S>(all: readonly Saga<S>[]): Definitions<S> {
  const byKey = new Map(all.map((saga) => [keyOf({ name: saga.name, definition_version: saga.version }), saga]));
  if (byKey.size < all.length)
    throw new Error("Two sagas have the same name and version: give the newer one a version.");
  const versions = (name: string) => {
    const found = all.filter((saga) => saga.name === name);
    if (found.length === 0) throw sagaErrors.SAGA_UNKNOWN({ saga: name });
    return found;
  };
  return {
    all,
    names: [...new Set(all.map(({ name }) => name))],
    keys: [...byKey.keys()],
    versions,
    newest: (name) => versions(name).reduce((one, other) => (other.version > one.version ? other : one)),
    find: (row) => byKey.get(keyOf(row)),
  };
}

/**
 * Returns the steps at which a saga's row may be while the saga is at a step of this name: at the step, or at one before it that is stored
 * with the next. A version without such a step has the place -1.
 */
export function placesOf<S>(saga: Saga<S>, name: string): { readonly version: number; readonly step: number }[] {
  const { version, steps } = saga;
  const at = steps.findIndex((step) => step.name === name);
  const rows = steps.map((_, index) => index).filter((index) => index <= at && intendedUpTo(saga, index) >= at);
  return (rows.length > 0 ? rows : [-1]).map((step) => ({ version, step }));
}
