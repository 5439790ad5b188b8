/** Bundles the extension into dist/: the client and each part that runs in a web view in a file each, the server and its worker in a folder. */
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type BuildOptions } from "esbuild";
import { bundleWeb } from "./bundleWeb.js";

/** Packages with native code, or that look for files of their own: they stay packages. */
export const EXTERNAL = ["node-llama-cpp", "onnxruntime-node", "node-av", "node-av/lib", "ffmpeg-static"];

/** The oldest Node of the editors that `engines.vscode` allows. */
const TARGET = "node20.18";

/** What runs in web views: below client/, the folder with its TypeScript project and its entry; below dist/, the script. */
const WEB_PARTS = [
  { project: "renderer", entry: "renderer/page/answer.ts", folder: "renderer", name: "answer" },
  { project: "chat/page", entry: "chat/page/main.ts", folder: "chat", name: "chat" },
  { project: "sheet/page", entry: "sheet/page/main.ts", folder: "sheet", name: "sheet" },
  { project: "preview/page", entry: "preview/page/main.ts", folder: "preview", name: "page" },
] as const;

/**
 * Writes dist/client, dist/server and the folders of the web views below `root`. What runs in a web view is checked
 * here, since the build of the rest knows no browser.
 * @param options.production without source maps, minified
 */
export async function bundle(root: string, { production = false }: { readonly production?: boolean } = {}): Promise<void> {
  for (const folder of ["client", "server", "web", ...WEB_PARTS.map((part) => part.folder)]) rmSync(join(root, "dist", folder), { recursive: true, force: true });
  for (const { project } of WEB_PARTS) {
    const { status } = spawnSync(process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), "-p", `client/${project}`], { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
    if (status !== 0) throw new Error(`client/${project} does not compile.`);
  }
  const common = commonOptions(root, production);
  await build({ ...common, entryPoints: { extension: "client/extension.ts" }, outdir: "dist/client", outExtension: { ".js": ".cjs" }, format: "cjs", external: ["vscode"] });
  for (const { entry, folder, name } of WEB_PARTS) {
    await build({ ...common, entryPoints: { [name]: `client/${entry}` }, outdir: `dist/${folder}`, format: "esm", platform: "browser", target: "es2022" });
  }
  await bundleWeb(root, join(root, "dist", "web"), { production });
  // The supervisor starts "entry.js" beside itself, the decoder on node-av "child.js", and who looks at the machine "examiner.js".
  const parts = { main: "server/src/main.ts", entry: "server/src/runtime/worker/entry.ts", child: DECODING_PROCESS, examiner: "server/src/runtime/hardware/examiner.ts" };
  await bundleServer(root, join(root, "dist", "server"), parts, { production });
}

/** The process that decodes with node-av: who starts it expects it as "child.js" beside itself. */
export const DECODING_PROCESS = "server/src/runtime/ffmpeg/nodeav/child.ts";

/** Bundles programs of the server into one folder, since modules find files relative to themselves. */
export async function bundleServer(root: string, folder: string, entryPoints: Readonly<Record<string, string>>, { production = false }: { readonly production?: boolean } = {}): Promise<void> {
  await build({
    ...commonOptions(root, production),
    entryPoints: { ...entryPoints },
    outdir: folder,
    format: "esm",
    splitting: true,
    chunkNames: "[name]-[hash]",
    external: EXTERNAL,
    // CommonJS packages inside ask for Node's modules with require.
    banner: { js: 'import { createRequire as vqaRequire } from "node:module"; const require = vqaRequire(import.meta.url);' },
  });
  // The package's own manifest does not say so.
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
}

const commonOptions = (root: string, production: boolean): BuildOptions => ({
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: TARGET,
  sourcemap: !production,
  minify: production,
  // Stack traces and instanceof messages should name classes as the sources do.
  keepNames: true,
  legalComments: "none",
  logLevel: "warning",
});

if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === process.argv[1]) {
  await bundle(fileURLToPath(new URL("../../../", import.meta.url)));
}
