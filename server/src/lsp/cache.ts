/** Handlers of the messages about what is kept of videos. */
import { Cache, ClearCache, type CacheResult } from "../protocol/cache.js";
import { decode } from "../protocol/schema.js";
import type { Backend } from "./ports.js";

export function measured({ cache }: Backend, params: unknown): Promise<CacheResult> {
  decode(Cache.params, params ?? {}, Cache.method);
  return cache.measure();
}

export function cleared({ cache }: Backend, params: unknown): Promise<CacheResult> {
  decode(ClearCache.params, params ?? {}, ClearCache.method);
  return cache.clear();
}
