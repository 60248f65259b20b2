/** Why we do not go on, in words that say what to do. Shown without a stack. */
export class Refusal extends Error {}
