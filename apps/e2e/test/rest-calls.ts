/** Calls of the REST API as they are on the wire, for tests of status and bytes. */
export interface RestCalls {
  /** Returns the response, any its status is. */
  send(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly text: string }>;
}

/** Returns calls of the user of a token. */
export function restCalls(gateway: string, token?: string): RestCalls {
  return {
    async send(method, path, body) {
      const response = await fetch(gateway + path, {
        method,
        headers: {
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(30_000),
      });
      return { status: response.status, text: await response.text() };
    },
  };
}
