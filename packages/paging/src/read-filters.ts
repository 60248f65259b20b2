import type { DescEnum } from "@bufbuild/protobuf";
import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import { type FieldViolation, invalid, violation } from "@kontor/errors";

/** Which texts a filter by an id takes. */
export interface IdRule {
  readonly pattern: RegExp;
  /** Most characters. */
  readonly max: number;
  /** The characters, as the violation names them. */
  readonly allowed: string;
}

/** Reads the filters and the order of a list request. Collects what is wrong, so that the request is refused with all of it at once. */
export interface FilterReader {
  /** Returns what stands for the value of an enum in `choices`. */
  choice<E extends number, T>(
    field: string,
    schema: DescEnum,
    value: E,
    choices: Readonly<Record<E, T>>,
  ): T | undefined;
  /** Returns an id; undefined if it is empty or absent. Default rule: 1 to 100 visible ASCII characters. */
  id(field: string, value: string | undefined, rule?: IdRule): string | undefined;
  /** Returns a point in time, undefined if there is none. */
  time(field: string, value: Timestamp | undefined): Date | undefined;
  /** Adds a violation unless the rule holds. */
  check(holds: boolean, otherwise: FieldViolation): void;
  /** @throws KontorError INVALID_REQUEST with all violations */
  end(): void;
}

const VISIBLE: IdRule = { pattern: /^[\x21-\x7e]{1,100}$/, max: 100, allowed: "! to ~" };

/**
 * Returns a reader for the filters of one request.
 *
 * @param domain the domain of the errors
 */
export function readFilters(domain: string): FilterReader {
  const violations: FieldViolation[] = [];
  const check = (holds: boolean, otherwise: FieldViolation) => {
    if (!holds) violations.push(otherwise);
  };
  return {
    check,

    choice(field, schema, value, choices) {
      check(Object.hasOwn(choices, value), violation(field, "NOT_IN", { values: namesOf(schema) }));
      return choices[value];
    },

    id(field, value, { pattern, max, allowed } = VISIBLE) {
      if (value === undefined || value === "") return undefined;
      check(pattern.test(value), violation(field, "WRONG_CHARACTERS", { min: 1, max, allowed }));
      return value;
    },

    time(field, value) {
      const time = value && timestampDate(value);
      check(time === undefined || !Number.isNaN(time.getTime()), violation(field, "NOT_A_TIME"));
      return time;
    },

    end() {
      if (violations.length > 0) throw invalid(violations, domain);
    },
  };
}

/** Returns the names of an enum's values as JSON has them, without UNSPECIFIED. */
function namesOf({ values }: DescEnum): string[] {
  return values.filter(({ number }) => number !== 0).map(({ localName }) => localName.toLowerCase());
}
