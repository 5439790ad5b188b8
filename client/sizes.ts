/** Sizes as people read them. Pure. */
import { fixed } from "./numbers.js";

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** What lies on a disk: 0 B, 12 KiB, 3.4 MiB, two figures at least, in powers of 1024. */
export function binarySize(bytes: number, language: string): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1024 && unit < UNITS.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${unit > 0 && value < 10 ? fixed(value, 1, language) : String(Math.round(value))} ${UNITS[unit]}`;
}

/** What models and machines are made of: 12 MB, 3.5 GB, in powers of 1000, as hubs list their files. */
export function decimalSize(bytes: number, language: string): string {
  return bytes >= 1e9 ? `${fixed(bytes / 1e9, 1, language)} GB` : `${Math.max(1, Math.round(bytes / 1e6))} MB`;
}
