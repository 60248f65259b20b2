/** Returns a store of verified tokens that evicts the least recently used. */
export function createTokenMemory<T extends { readonly token: string }>(capacity: number) {
  const remembered = new Map<string, T>();
  return {
    get(token: string): T | undefined {
      const verified = remembered.get(token);
      if (!verified) return undefined;
      remembered.delete(token);
      remembered.set(token, verified);
      return verified;
    },
    add(verified: T): void {
      remembered.set(verified.token, verified);
      if (remembered.size <= capacity) return;
      const oldest = remembered.keys().next();
      if (!oldest.done) remembered.delete(oldest.value);
    },
    forget: (token: string) => remembered.delete(token),
    clear: () => remembered.clear(),
  };
}
