/**
 * Models in several files: `NAME-00001-of-00003.gguf` and so on. The first one holds the metadata, the
 * others hold tensors only (llama.cpp: `llama_split_path`, keys `split.no`, `split.count`,
 * `split.tensors.count`).
 */
import * as path from "node:path";
import { VqaError } from "../../engine/errors.js";
import type { GgufHeader } from "./gguf.js";

const SHARD = /^(.*)-(\d{5})-of-(\d{5})\.gguf$/;

export function shardName(stem: string, index: number, count: number): string {
  const five = (n: number): string => String(n).padStart(5, "0");
  return `${stem}-${five(index + 1)}-of-${five(count)}.gguf`;
}

/** The name without what tells a shard, and without `.gguf`. */
export function stemOf(file: string): string {
  const name = path.basename(file);
  return SHARD.exec(name)?.[1] ?? name.replace(/\.gguf$/i, "");
}

/** All files of the model whose first file is given. Error: model-unsupported when it is not the first, or named unlike a shard. */
export function shardsOf(file: string, header: GgufHeader): readonly string[] {
  const count = header.metadata.get("split.count") ?? 1;
  if (typeof count !== "number" || count < 2) return [file];
  const refuse = (why: string, next: string): never => {
    throw new VqaError("model-unsupported", `${file} ${why}.`, next, { data: { file } });
  };
  const no = header.metadata.get("split.no");
  const match = SHARD.exec(path.basename(file));
  if (match === null || Number(match[3]) !== count) {
    return refuse(`is one of ${count} files of a model, and is not named as such`, `Give all of them their names back, such as ${shardName("model", 0, count)}.`);
  }
  if (no !== 0 || Number(match[2]) !== 1) return refuse(`is not the first file of its model`, `Name ${shardName(match[1]!, 0, count)}.`);
  return Array.from({ length: count }, (_, i) => path.join(path.dirname(file), shardName(match[1]!, i, count)));
}
