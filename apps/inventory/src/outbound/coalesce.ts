/**
 * Makes one call of many: what is asked for while a call is under way shares the next one. If a shared call fails, each of
 * its requests is tried alone, so that none fails for another.
 */
export function coalesce<Q, A>(
  most: number,
  call: (requests: readonly Q[]) => Promise<readonly A[]>,
): (request: Q) => Promise<A> {
  interface Waiting extends PromiseWithResolvers<A> {
    readonly request: Q;
  }
  const queue: Waiting[] = [];
  let busy = false;

  async function work(): Promise<void> {
    if (busy) return;
    busy = true;
    while (queue.length > 0) await answer(queue.splice(0, most));
    busy = false;
  }

  async function answer(group: readonly Waiting[]): Promise<void> {
    try {
      const answers = await call(group.map(({ request }) => request));
      group.forEach(({ resolve }, index) => void resolve(answers[index] as A));
    } catch (error) {
      if (group.length === 1) group[0]?.reject(error);
      else for (const one of group) await answer([one]);
    }
  }

  return (request) => {
    const waiting = { request, ...Promise.withResolvers<A>() };
    queue.push(waiting);
    void work();
    return waiting.promise;
  };
}
