/**
 * What the editor tests need besides this repository: a VS Code that runs as a server, from npm; the
 * Node that it wants; a Chromium. Kept outside of the checkout, by version.
 */
import { join } from "node:path";
import { EditorMissing, ensureFolder, npm } from "./cache.js";
import { ensureChromium, type Chromium } from "./chromium.js";

/** Its VS Code is 1.139.1. */
const CODE_SERVER = "4.139.1";
const NODE = "24";

export interface EditorPrograms {
  readonly node: string;
  /** code-server's program, for `node`. */
  readonly server: string;
  readonly chromium: Chromium;
}

/** Node's packages for Linux are the ones that were tried. */
export const serverIsKnown = ({ platform, arch }: Pick<NodeJS.Process, "platform" | "arch"> = process): boolean => platform === "linux" && (arch === "x64" || arch === "arm64");

/** Installs what is missing. Error: EditorMissing. */
export function ensureEditor(): EditorPrograms {
  const { platform, arch } = process;
  if (!serverIsKnown()) throw new EditorMissing(`The editor tests know no VS Code server for ${platform}-${arch}.`);
  const modules = join(
    ensureFolder(`code-server-${CODE_SERVER}`, (folder) => {
      // No native build is needed for what is used of it.
      npm(folder, ["install", "--save-exact", `code-server@${CODE_SERVER}`, `node-${platform}-${arch}@${NODE}`]);
      npm(join(folder, "node_modules", "code-server", "lib", "vscode"), ["install", "--omit=dev"]);
    }),
    "node_modules",
  );
  const node = join(modules, `node-${platform}-${arch}`, "bin", "node");
  return { node, server: join(modules, "code-server", "out", "node", "entry.js"), chromium: ensureChromium() };
}
