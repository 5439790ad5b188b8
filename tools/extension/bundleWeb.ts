/** The extension for editors in a browser: its client and its language server, a script each. */
import { build } from "esbuild";

/**
 * Writes extension.js and server.js. Whatever would need Node fails the build.
 * @returns paths of all sources that went in, relative to `root`
 */
export async function bundleWeb(root: string, folder: string, { production = false }: { readonly production?: boolean } = {}): Promise<readonly string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { extension: "client/web/extension.ts", server: "server/src/web.ts" },
    outdir: folder,
    bundle: true,
    platform: "browser",
    target: "es2022",
    format: "cjs",
    external: ["vscode"],
    // The same code, on messages of a worker in the place of pipes.
    alias: { "vscode-languageserver/node": "vscode-languageserver/browser" },
    metafile: true,
    sourcemap: !production,
    minify: production,
    keepNames: true,
    legalComments: "none",
    logLevel: "warning",
  });
  return Object.keys(metafile.inputs);
}
