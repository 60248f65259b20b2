export const began = Number(process.env.KONTOR_BEGAN ?? Date.now());

/**
 * Prints a line of progress, with the seconds since the command began, to stderr: stdout belongs to the command.
 * @param {string} text
 */
export function say(text) {
  const seconds = ((Date.now() - began) / 1000).toFixed(1).padStart(5);
  process.stderr.write(`${seconds}s  ${text}\n`);
}

/** A failure whose message is all that the user needs: shown without a stack. */
export class Failure extends Error {}
