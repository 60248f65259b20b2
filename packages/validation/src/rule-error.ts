/** Rules of a contract that cannot be applied: a bug of the contract, found when the process starts. */
export class RuleError extends Error {
  override readonly name = "RuleError";
}
