// Imports the entries of the apps, so that Node caches their compiled code. Without settings each of them reports that and tries to exit,
// which is suppressed here.
const modules = process.argv.slice(2);
const exit = process.exit.bind(process);
process.env = {};
process.exit = () => {
  throw new Error("not yet");
};
setTimeout(exit, 20_000, 1);
await Promise.allSettled(modules.map((module) => import(module)));
exit();
