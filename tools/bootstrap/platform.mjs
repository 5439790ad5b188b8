/** The prebuilt binaries that this machine needs, by package name. */
import { createRequire } from "node:module";
import { join } from "node:path";

/** Binding packages of llama.cpp by platform; the plain one comes first, then its GPU variants. */
const LLAMA = {
  "linux-x64": { base: "linux-x64", gpu: { cuda: ["linux-x64-cuda", "linux-x64-cuda-ext"], vulkan: ["linux-x64-vulkan"] } },
  "linux-arm64": { base: "linux-arm64", gpu: {} },
  "linux-arm": { base: "linux-armv7l", gpu: {} },
  "linux-riscv64": { base: "linux-riscv64", gpu: {} },
  // The Metal build is the only one for Apple silicon and is small.
  "darwin-arm64": { base: "mac-arm64-metal", gpu: {} },
  "darwin-x64": { base: "mac-x64", gpu: {} },
  "win32-x64": { base: "win-x64", gpu: { cuda: ["win-x64-cuda", "win-x64-cuda-ext"], vulkan: ["win-x64-vulkan"] } },
  "win32-arm64": { base: "win-arm64", gpu: {} },
};

/** A GPU variant of llama.cpp: several hundred megabytes, so never installed unasked. */
export const GPU_VARIANT = /^@node-llama-cpp\/.*-(cuda|cuda-ext|vulkan)$/;

/**
 * Names of the llama.cpp packages to have on a platform.
 * @param {string} platform `process.platform-process.arch`
 * @param {string | undefined} gpu value of VQA_GPU: "cuda", "vulkan", "all", several with commas
 * @returns {{ base: string | undefined, gpu: string[], unknown: string[] }}
 */
export function llamaPackages(platform, gpu) {
  const entry = LLAMA[/** @type {keyof typeof LLAMA} */ (platform)];
  const asked = (gpu ?? "").split(",").map((s) => s.trim()).filter((s) => s !== "" && s !== "off" && s !== "cpu");
  if (entry === undefined) return { base: undefined, gpu: [], unknown: asked };
  const variants = /** @type {Record<string, string[]>} */ (entry.gpu);
  const kinds = asked.includes("all") ? Object.keys(variants) : asked;
  return {
    base: `@node-llama-cpp/${entry.base}`,
    gpu: kinds.flatMap((kind) => variants[kind] ?? []).map((name) => `@node-llama-cpp/${name}`),
    unknown: kinds.filter((kind) => variants[kind] === undefined),
  };
}

/** @param {string} root @param {string} name @returns {string | undefined} the installed version */
export function installedVersion(root, name) {
  try {
    return createRequire(join(root, "package.json"))(join(root, "node_modules", name, "package.json")).version;
  } catch {
    return undefined;
  }
}
