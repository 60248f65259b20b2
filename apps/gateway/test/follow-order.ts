import { EventSource } from "eventsource";

/** The callbacks of a page that follows an order. */
export interface OrderPage {
  show(order: { readonly id: string; readonly status: string; readonly version: number }): void;
  /** Shows why updates are interrupted. They continue by themselves. */
  interrupted(detail: string): void;
  /** No more updates come: `final` after the last one, else because the server refused, as with 401, 404 or 503. */
  closed(outcome: "final" | "refused", status?: number): void;
}

/** Follows an order until it is final. Returns a function that stops. */
export function followOrder(url: string, accessToken: () => Promise<string>, page: OrderPage): () => void {
  const source = new EventSource(url, {
    // Runs for every connection, so each one has a token that is valid.
    fetch: async (input, init) =>
      fetch(input, { ...init, headers: { ...init.headers, Authorization: `Bearer ${await accessToken()}` } }),
  });
  source.addEventListener("message", ({ data }) => page.show(JSON.parse(data)));
  source.addEventListener("problem", ({ data }) => page.interrupted(JSON.parse(data).detail));
  source.addEventListener("error", ({ code }) => {
    if (source.readyState !== source.CLOSED) return; // It reconnects after the time that the server names.
    page.closed(code === 204 ? "final" : "refused", code);
  });
  return () => source.close();
}
