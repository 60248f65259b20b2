export { isChecked, lintText, type Problem } from "./lint.ts";
export { parseVocabulary, type Scope, type Term, type Vocabulary } from "./vocabulary.ts";
