#!/usr/bin/env node
/**
 * Makes a checkout ready to run, from nothing but Node and an npm registry: installs the packages
 * of the lock file, adds the prebuilt binaries of this platform, looks for an ffmpeg, compiles.
 * Every step looks at the present state first, so a run with nothing to do takes a few
 * milliseconds and says nothing. Plain JavaScript without dependencies: nothing is installed yet.
 *
 *   node tools/bootstrap.mjs [--verbose]
 *   VQA_GPU=cuda|vulkan|all node tools/bootstrap.mjs     adds llama.cpp's GPU variants
 */
import { realpathSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

const NEEDED = [20, 19];

/** Exits with 1 on an old Node before any newer syntax is loaded. */
function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) return;
  console.error(
    `setup: VQA needs Node ${NEEDED.join(".")} or later; this is Node ${process.versions.node} (${process.execPath}).\n` +
      "       Install a current Node from https://nodejs.org or with your version manager, then run the command again.",
  );
  process.exit(1);
}

/**
 * Brings the checkout at `root` up to date.
 * @param {{ root?: string, verbose?: boolean }} [options]
 * @returns {Promise<{ installed: boolean, built: boolean }>} what had to be done
 * @throws {SetupError} with a message and the next step for the user
 */
export async function ensure(options = {}) {
  checkNode();
  const { Reporter } = await import("./bootstrap/report.mjs");
  const { ensureAlone } = await import("./bootstrap/turn.mjs");
  const { ensurePackages } = await import("./bootstrap/packages.mjs");
  const { ensureDecoder } = await import("./bootstrap/decoder.mjs");
  const { ensureBuild } = await import("./bootstrap/build.mjs");

  const root = options.root ?? fileURLToPath(new URL("..", import.meta.url));
  const report = new Reporter(options.verbose ?? false);
  return ensureAlone(root, report, async () => {
    const installed = await ensurePackages(root, report);
    await ensureDecoder(root, report);
    const built = await ensureBuild(root, report);
    report.finish();
    return { installed, built };
  });
}

async function main() {
  checkNode();
  const { SetupError } = await import("./bootstrap/report.mjs");
  try {
    await ensure({ verbose: process.argv.includes("--verbose") });
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`setup: ${error.message}${error.next === "" ? "" : `\n       ${error.next}`}`);
    process.exitCode = 1;
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) await main();
