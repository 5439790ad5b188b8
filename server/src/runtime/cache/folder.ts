import * as os from "node:os";
import * as path from "node:path";

/** Where the system wants caches: its own folder for them, then ours. */
export function defaultCacheFolder(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = os.homedir(),
): string {
  const at = platform === "win32" ? path.win32 : path.posix;
  if (platform === "win32") return at.join(absolute(env["LOCALAPPDATA"], at) ?? at.join(home, "AppData", "Local"), "vqa", "Cache");
  if (platform === "darwin") return at.join(home, "Library", "Caches", "vqa");
  return at.join(absolute(env["XDG_CACHE_HOME"], at) ?? at.join(home, ".cache"), "vqa");
}

/** The XDG specification says to ignore relative paths. */
function absolute(value: string | undefined, at: path.PlatformPath): string | undefined {
  return value !== undefined && at.isAbsolute(value) ? value : undefined;
}
