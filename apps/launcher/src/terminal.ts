import { styleText } from "node:util";

const began = Number(process.env.KONTOR_BEGAN ?? Date.now()); // Set by scripts/run.mjs, so that its seconds go on here.

export const bold = (text: string): string => styleText("bold", text);
export const dim = (text: string): string => styleText("dim", text);
export const green = (text: string): string => styleText("green", text);
export const red = (text: string): string => styleText("red", text);
export const yellow = (text: string): string => styleText("yellow", text);

/** One line of progress, with the seconds since the start. */
export function progress(text: string): void {
  const seconds = ((Date.now() - began) / 1000).toFixed(1).padStart(5);
  console.log(`${dim(`${seconds}s`)}  ${text}`);
}
