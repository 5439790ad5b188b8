#!/usr/bin/env node
/**
 * The command `vqa`. Plain JavaScript that any Node can read, so that an old one gets a sentence
 * instead of a syntax error, and a checkout that was never built gets built.
 */
import { existsSync } from "node:fs";

const NEEDED = [20, 19];
const [major, minor] = process.versions.node.split(".").map(Number);
const root = new URL("../../", import.meta.url);
// The language server is a program of its own: nothing of the command line is loaded with it.
const server = process.argv[2] === "lsp" && !process.argv.includes("--help") && !process.argv.includes("-h");
const built = new URL(`out/server/src/${server ? "main" : "cli"}.js`, root);
const bootstrap = new URL("tools/bootstrap.mjs", root);

if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  fail(`Node ${NEEDED.join(".")} or later is needed, and this is Node ${process.versions.node}.`, "Install a current Node from https://nodejs.org.");
} else if (!existsSync(built) && !(await build())) {
  fail("The program is not built.", "Run `npm run build` in its folder, then try again.");
} else {
  await import(built.href);
}

/** Sets up a fresh checkout; an installed package has no bootstrap and comes built. */
async function build() {
  if (!existsSync(bootstrap)) return false;
  const { ensure } = await import(bootstrap.href);
  try {
    await ensure();
  } catch (error) {
    console.error(`vqa: ${error.message}`);
    if (error.next) console.error(`     ${error.next}`);
  }
  return existsSync(built);
}

function fail(message, next) {
  console.error(`vqa: ${message}\n     ${next}`);
  process.exitCode = 4;
}
