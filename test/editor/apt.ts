import { spawnSync } from "node:child_process";

/** Installs packages of the system where nobody has to be asked: as root on a Debian. False where that cannot be, or failed. */
export function aptInstall(...packages: readonly string[]): boolean {
  if (process.getuid?.() !== 0 || spawnSync("apt-get", ["--version"]).status !== 0) return false;
  console.error(`editor tests: installing ${packages.join(", ")} with apt-get`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  spawnSync("apt-get", ["update", "-qq"], { env });
  return spawnSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...packages], { env }).status === 0;
}
