/** The syntax that RE2 and JSON Schema may read differently. Patterns of JSON Schema are those of ECMAScript with the flag `u`. */
const onlyRe2 = /\(\?[^:]|\\[zAQCpPxsSbB]|\[\[:/;
const classesAndEscapes = /\\.|\[(?:\\.|[^\]\\])*\]/g;

/** Returns the pattern of RE2 as one of JSON Schema, or undefined where the two could differ. */
export function jsonSchemaPattern(pattern: string): string | undefined {
  // The dot excludes more characters in ECMAScript than in RE2.
  if (onlyRe2.test(pattern) || pattern.replace(classesAndEscapes, "").includes(".")) return undefined;
  try {
    new RegExp(pattern, "u");
    return pattern;
  } catch {
    return undefined;
  }
}
