import type { Writable } from "node:stream";
import type { ClientBase } from "pg";

const corked = new WeakSet<Writable>();

/**
 * Sends what a connection writes from now to the end of this run of continuations by one system call: BEGIN with the statements that travel
 * with it, and the statements of a pipeline. `pg` writes each statement by itself, and a system call costs as much as the statement.
 */
export function joinWrites(client: ClientBase): void {
  const { stream } = (client as ClientBase & { readonly connection: { readonly stream: Writable } }).connection;
  if (corked.has(stream)) return;
  corked.add(stream);
  stream.cork();
  process.nextTick(() => {
    corked.delete(stream);
    stream.uncork();
  });
}
