/** The last bytes that a process wrote, as text: what a crash report can show. Holds at most `limit` bytes. */
export class Tail {
  private chunks: Buffer[] = [];
  private bytes = 0;

  constructor(private readonly limit: number = 8192) {}

  push(chunk: Buffer): void {
    this.chunks.push(chunk.length > this.limit ? chunk.subarray(chunk.length - this.limit) : chunk);
    this.bytes += this.chunks.at(-1)!.length;
    while (this.bytes - this.chunks[0]!.length >= this.limit) this.bytes -= this.chunks.shift()!.length;
  }

  /** The last `lines` lines that are not blank, without control characters such as colours. */
  text(lines = 20): string {
    const all = Buffer.concat(this.chunks);
    return all
      .subarray(Math.max(0, all.length - this.limit))
      .toString("utf8")
      .replace(/\x1b\[[0-9;]*[A-Za-z]/g, "")
      .split(/\r?\n|\r/)
      .map((line) => line.replace(/[\x00-\x08\x0b-\x1f\x7f]/g, "").trimEnd())
      .filter((line) => line !== "")
      .slice(-lines)
      .join("\n");
  }
}
