import type { Plugin } from "rolldown";

/**
 * A module that creates its own `require` hides the modules that it loads from bundlers. Calls of `load("…")`, where `load` is such
 * a `require`, become plain ones, which a bundler follows.
 */
export const requireAtBuild: Plugin = {
  name: "require-at-build",
  transform: {
    filter: { id: /\/packages\/[^/]+\/src\/[^/]+\.ts$/, code: /createRequire\(import\.meta\.url\)/ },
    handler(code) {
      const [, name] = /const (\w+) = createRequire\(import\.meta\.url\);/.exec(code) ?? [];
      if (!name) throw new Error("A createRequire that is not `const load = createRequire(import.meta.url);`");
      const calls = new RegExp(`\\b${name}\\((?=")`, "g");
      return code.replace(/const \w+ = createRequire\(import\.meta\.url\);/, "").replace(calls, "require(");
    },
  },
};
