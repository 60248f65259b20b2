/** Returns a request as a call of the typed client, or undefined if no operation of the document fits it. */
export function typeScriptOf(
  request: { readonly url: string; readonly method: string; readonly body?: unknown },
  document: object,
): string | undefined;
