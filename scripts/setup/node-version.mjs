/**
 * The first import of every script: an old Node stops here with one clear message, before it meets
 * anything that it lacks. What is written in this folder parses on Node 16.
 */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Posthouse needs Node 20.19 or later; this is ${process.version}. Get one from https://nodejs.org and run this again.`);
  process.exit(1);
}
