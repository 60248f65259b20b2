export { type CompareOptions, createComparison, edits, type Tally } from "./compare.ts";
export { type Random, RandomWire, randomFrom } from "./random-wire.ts";
