// Imports the modules it is given, so that Node keeps them compiled.
const modules = process.argv.slice(2);
await Promise.allSettled(modules.map((module) => import(module)));
process.exit();
