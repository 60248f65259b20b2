import { type Act, RELEASE, seconds } from "../world.ts";

export const helmTest: Act = {
  name: "helm test",
  about: "the test that comes with the chart",
  async run({ helm }) {
    const start = performance.now();
    await helm.run("test", RELEASE, "--timeout", "3m");
    return { facts: { "helm test, s": seconds(start) } };
  },
};
