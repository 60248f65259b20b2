// Brings the programs that tests of charts, alerts and workflows need. What cannot be brought is named, and its tests are skipped.
import { bringTools } from "./lib/test-tools.ts";

const reasons = bringTools();
for (const [name, reason] of reasons) console.log(`${name} is missing: ${reason}`);
if (reasons.size === 0) console.log("All programs that tests need are there.");
