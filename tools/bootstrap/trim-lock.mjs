#!/usr/bin/env node
/**
 * Makes package-lock.json what the setup expects, after `npm install` changed it: without the GPU
 * variants of llama.cpp, which nobody should have to download unasked, and without names of optional
 * packages that the lock does not hold, which npm ci refuses (a registry may lack some platforms).
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { GPU_VARIANT } from "./platform.mjs";

const file = fileURLToPath(new URL("../../package-lock.json", import.meta.url));
const lock = JSON.parse(readFileSync(file, "utf8"));

for (const path of Object.keys(lock.packages)) {
  if (GPU_VARIANT.test(path.replace(/^.*node_modules\//, ""))) delete lock.packages[path];
}
for (const [path, entry] of Object.entries(lock.packages)) {
  delete entry.resolved;
  for (const name of Object.keys(entry.optionalDependencies ?? {})) {
    if (![`${path}/node_modules/${name}`, `node_modules/${name}`].some((at) => at in lock.packages)) delete entry.optionalDependencies[name];
  }
}
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
