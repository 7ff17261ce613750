/**
 * The first import of every script: an old Node exits here with one clear message, before it runs code that it does
 * not support. So the scripts keep to syntax that Node 16 can parse.
 */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Posthouse needs Node 20.19 or later; this is ${process.version}. Install it from https://nodejs.org and run this again.`);
  process.exit(1);
}
