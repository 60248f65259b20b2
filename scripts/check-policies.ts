// Fails when an RPC of ours has no sound policy: who may call it, who owns what it names.
import { registry } from "../apps/shop/src/registry.ts";
import { checkPolicies } from "../packages/policy/src/index.ts";

const problems = checkPolicies(registry);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
