// Imports the entries of our apps, so that Node keeps them compiled. Without settings none of them gets far: each says so and
// wants to exit, which it may not yet.
const modules = process.argv.slice(2);
const exit = process.exit.bind(process);
process.env = {};
process.exit = () => {
  throw new Error("not yet");
};
setTimeout(exit, 20_000, 1);
await Promise.allSettled(modules.map((module) => import(module)));
exit();
