/**
 * Makes the installable extension for this platform: stages what belongs in it, and nothing else, in
 * dist/stage, packs it with vsce, and looks at the result. Works without a network.
 *
 *   npm run package
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.js";
import { contentsOf, faultsOf } from "./inspect.js";
import { closure, copyPackage } from "./native.js";

/** What is put into the package, besides the native modules. */
export const FILES: readonly string[] = ["README.md", "CHANGELOG.md", "LICENSE", "THIRD-PARTY-NOTICES.md", "dist/client", "dist/web", "dist/renderer", "dist/chat", "dist/preview", "dist/sheet", "dist/server", "l10n", "syntaxes", "media/icon.png", "media/icons", "media/pictures/chat.png", "media/pictures/dataset.png", "media/pictures/editor.png", "media/pictures/models.png", "media/pictures/notebook.png", "media/chat", "media/preview", "media/sheet", "server/models"];

/** Of package.json: what an editor reads. Scripts and packages are for people with a checkout. An extension host in a browser refuses what calls itself a module. */
const DROPPED = ["type", "scripts", "devDependencies", "dependencies", "optionalDependencies", "bin", "private"];

/** Not node-av: its binary holds GPL parts (THIRD-PARTY-NOTICES.md), and an ffmpeg program does the same. */
const NATIVE = ["node-llama-cpp", "onnxruntime-node"];

/** The path of the package. Error: something is not installed, or vsce refuses. */
export async function packageExtension(root: string): Promise<string> {
  const { platform, arch } = process;
  const target = `${platform}-${arch}`;
  await bundle(root, { production: true });
  const stage = join(root, "dist", "stage");
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  for (const path of [...FILES, ...readdirSync(root).filter((name) => /^package\.nls(\.[\w-]+)?\.json$/.test(name))]) if (existsSync(join(root, path))) cpSync(join(root, path), join(stage, path), { recursive: true });
  // Pictures and other files of the repository are not in the package, and nobody may look for them elsewhere.
  for (const page of ["README.md", "CHANGELOG.md"].map((name) => join(stage, name)).filter((path) => existsSync(path))) writeFileSync(page, readFileSync(page, "utf8").replace(/!\[[^\]]*\]\((?!https:)[^)]*\)\n?/g, "").replace(/\[([^\]]*)\]\((?!https?:|#)[^)]*\)/g, "$1"));
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<string, unknown>;
  writeFileSync(join(stage, "package.json"), `${JSON.stringify(Object.fromEntries(Object.entries(manifest).filter(([key]) => !DROPPED.includes(key))), null, 2)}\n`);
  // Beside the server, where Node looks for them; vsce leaves out node_modules of the first level only.
  for (const folder of closure(root, NATIVE, platform, arch)) copyPackage(root, folder, join(stage, "dist", "node_modules"), platform, arch);
  writeFileSync(join(stage, ".vscodeignore"), "");

  const { version } = manifest as { version: string };
  const file = join(root, "dist", `vqa-${target}-${version}.vsix`);
  const vsce = join(root, "node_modules", "@vscode", "vsce", "vsce");
  const args = ["package", "--no-dependencies", "--allow-missing-repository", "--skip-license", "--target", target, "--out", file];
  const { status } = spawnSync(process.execPath, [vsce, ...args], { cwd: stage, stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) throw new Error(`vsce ended with ${status}.`);
  const { names, bytes } = contentsOf(file);
  const faults = faultsOf(names, bytes, platform, arch);
  if (faults.length > 0) throw new Error(`${file} is not what it should be:\n${faults.slice(0, 20).join("\n")}`);
  return file;
}

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === process.argv[1]) {
  const file = await packageExtension(fileURLToPath(new URL("../../../", import.meta.url)));
  console.log(`${file}: ${(statSync(file).size / 1e6).toFixed(1)} MB`);
}
