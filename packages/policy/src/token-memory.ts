import type { Principal } from "./principal.ts";

/** Verified tokens, the least recently used forgotten first. */
export function createTokenMemory(capacity: number) {
  const remembered = new Map<string, Principal>();
  return {
    get(token: string): Principal | undefined {
      const principal = remembered.get(token);
      if (!principal) return undefined;
      remembered.delete(token);
      remembered.set(token, principal);
      return principal;
    },
    add(principal: Principal): void {
      remembered.set(principal.token, principal);
      if (remembered.size <= capacity) return;
      const oldest = remembered.keys().next();
      if (!oldest.done) remembered.delete(oldest.value);
    },
    forget: (token: string) => remembered.delete(token),
    clear: () => remembered.clear(),
  };
}
