import type { FeatureCache, FrameFeatures } from "../../engine/ports.js";

const DEFAULT_MAX_BYTES = 64 * 2 ** 20;

/** Features of this process, least recently used out first; in front of another cache where one is given. */
export class MemoryFeatureCache implements FeatureCache {
  /** In order of use: a Map keeps the order of insertion. */
  private readonly entries = new Map<string, FrameFeatures>();
  private bytes = 0;

  constructor(
    private readonly behind?: FeatureCache,
    private readonly maxBytes: number = DEFAULT_MAX_BYTES,
  ) {}

  async get(key: string): Promise<FrameFeatures | undefined> {
    const found = this.entries.get(key);
    if (found !== undefined) {
      this.entries.delete(key);
      this.entries.set(key, found);
      return found;
    }
    const value = await this.behind?.get(key);
    if (value !== undefined) this.keep(key, value);
    return value;
  }

  async set(key: string, value: FrameFeatures): Promise<void> {
    this.keep(key, value);
    await this.behind?.set(key, value);
  }

  private keep(key: string, value: FrameFeatures): void {
    this.drop(key);
    if (value.data.byteLength > this.maxBytes) return;
    this.entries.set(key, value);
    this.bytes += value.data.byteLength;
    for (const oldest of this.entries.keys()) {
      if (this.bytes <= this.maxBytes) return;
      this.drop(oldest);
    }
  }

  private drop(key: string): void {
    const old = this.entries.get(key);
    if (old === undefined) return;
    this.bytes -= old.data.byteLength;
    this.entries.delete(key);
  }
}
