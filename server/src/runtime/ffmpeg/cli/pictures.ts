import { PTS_LINE } from "./args.js";
import { lineSplitter } from "./lines.js";

/** Puts pictures, which come through one pipe, together with their times, which come through another. */
export class TimedPictures {
  private readonly times: number[] = [];
  private readonly whole: Uint8Array[] = [];
  /** Made when its first bytes come: most processes send one picture, and nothing behind it. */
  private picture: Uint8Array | undefined;
  private filled = 0;
  private readonly lines = lineSplitter((line) => {
    const pts = PTS_LINE.exec(line)?.[1];
    if (pts !== undefined) this.times.push(Number(pts));
  });

  constructor(
    private readonly bytes: number,
    private readonly onPicture: (pts: number, picture: Uint8Array) => void,
  ) {}

  readonly onPixels = (chunk: Buffer): void => {
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + this.bytes - this.filled);
      this.picture ??= new Uint8Array(this.bytes);
      this.picture.set(part, this.filled);
      this.filled += part.length;
      at += part.length;
      if (this.filled < this.bytes) continue;
      this.whole.push(this.picture);
      this.picture = undefined;
      this.filled = 0;
    }
    this.match();
  };

  readonly onTimes = (chunk: Buffer): void => {
    this.lines.push(chunk);
    this.match();
  };

  /** Both pipes are at their end. */
  end(): void {
    this.lines.end();
    this.match();
  }

  private match(): void {
    while (this.times.length > 0 && this.whole.length > 0) this.onPicture(this.times.shift()!, this.whole.shift()!);
  }
}
