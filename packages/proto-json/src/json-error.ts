/** The names of values in {@link JsonFault} `WRONG_TYPE`. */
const types: Readonly<Record<string, string>> = {
  array: "an array",
  base64: "text in base64",
  boolean: "true or false",
  duration: 'a duration in seconds such as "1.5s"',
  fieldMask: "names of fields separated by commas",
  int32: "an integer from -2147483648 to 2147483647",
  int64: "an integer from -9223372036854775808 to 9223372036854775807",
  json: "a JSON value",
  number: "a number",
  object: "an object",
  safeInteger: "an integer from -9007199254740991 to 9007199254740991",
  string: "text",
  timestamp: 'an RFC 3339 time such as "2026-11-30T10:00:00Z"',
  uint32: "an integer from 0 to 4294967295",
  uint64: "an integer from 0 to 18446744073709551615",
};

/** The reasons why text is not JSON, or not the JSON that was expected, in English. */
export const jsonProblems = {
  ARRAY: "an array of messages was expected",
  BYTE_ORDER_MARK: "a byte order mark is not JSON",
  CLOSING_BRACE: "a comma or a closing brace was expected",
  CLOSING_BRACKET: "a comma or a closing bracket was expected",
  COLON: "a colon was expected",
  END: "the text ends too early",
  ESCAPE: "an escape is unknown",
  KEY: "a key in double quotes was expected",
  STRING: "a string is not closed or contains a control character",
  SURROGATE: "a string contains half a surrogate pair",
  TOO_DEEP: "arrays and objects are nested too deeply",
  TOO_MANY_VALUES: "there are too many values",
  TRAILING: "something follows the value",
  UNICODE_ESCAPE: "a \\u escape needs four hexadecimal digits",
  VALUE: "a JSON value was expected",
} as const;

/** The stable name of a reason in {@link jsonProblems}. */
export type JsonProblem = keyof typeof jsonProblems;

/** The sentences of faults in English. The parameters of a code are those of its sentence. */
export const faultTexts = {
  DUPLICATE: "Must not occur twice.",
  MALFORMED_JSON: (p: { position: number; problem: JsonProblem }) =>
    `The JSON is malformed at character ${p.position}: ${jsonProblems[p.problem]}.`,
  NOT_IN: (p: { values: readonly string[] }) => `Must be one of: ${p.values.join(", ")}.`,
  NOT_UTF8: "The body is not UTF-8.",
  NULL: "Null is not allowed here.",
  ONE_OF: (p: { chosen: string; field: string }) => `Only one of "${p.chosen}" and "${p.field}" may be set.`,
  ONLY_VALUE_IN_ANY: (p: { message: string }) => `${p.message} has nothing but a value in Any.`,
  TWO_NAMES: "The field occurs under both of its names.",
  UNKNOWN_FIELD: (p: { message: string; field: string }) => `${p.message} has no field "${p.field}".`,
  UNKNOWN_TYPE: "The type is unknown here.",
  VALUE_IN_ANY: (p: { message: string }) => `${p.message} needs a value in Any.`,
  WRONG_TYPE: (p: { expected: string }) => `Must be ${types[p.expected] ?? p.expected}.`,
} as const;

type FaultCode = keyof typeof faultTexts;
type ParamsOf<C extends FaultCode> = (typeof faultTexts)[C] extends (params: infer P) => string ? P : undefined;

/** A fault in JSON: a stable code and the parameters of its sentence. */
export type JsonFault = { [C in FaultCode]: { readonly code: C; readonly params: ParamsOf<C> } }[FaultCode];

/** JSON that cannot be read. The message names the place and the fault, in English. */
export class JsonError extends Error {
  /** The fault. */
  readonly fault: JsonFault;
  /** Where, as an RFC 6901 pointer. Undefined for bytes that are no text. */
  readonly pointer: string | undefined;
  /** Whether the text is not JSON at all. Otherwise it is JSON that does not fit the message. */
  readonly isSyntax: boolean;

  constructor(fault: JsonFault, pointer: string | undefined, init: { isSyntax?: boolean; cause?: unknown } = {}) {
    const text = faultTexts[fault.code] as string | ((params: unknown) => string);
    const sentence = typeof text === "string" ? text : text(fault.params);
    super(pointer ? `${pointer}: ${sentence}` : sentence, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = "JsonError";
    this.fault = fault;
    this.pointer = pointer;
    this.isSyntax = init.isSyntax ?? false;
  }
}

/** Returns the error about a value that does not fit the message, at a pointer. */
export function misfit<C extends FaultCode>(
  pointer: string,
  code: C,
  ...[params, cause]: ParamsOf<C> extends undefined
    ? [params?: undefined, cause?: unknown]
    : [params: ParamsOf<C>, cause?: unknown]
): JsonError {
  return new JsonError({ code, params } as JsonFault, pointer, { cause });
}
