/** More than any slice header takes: 32 references with their weights. */
const MOST_BYTES = 2048;

/** Thrown where a bitstream is not what is understood here; whoever reads it then does without. */
export class NotUnderstood extends Error {}

/** The bits of a NAL unit without its emulation prevention bytes (ITU-T H.264, 7.3.1 and 9.1). */
export class BitReader {
  private readonly bytes: Uint8Array;
  /** Of `bytes`, those before which a byte was left out. */
  private readonly gaps: readonly number[];
  private at = 0;

  /** @param nal with its header byte, which is skipped */
  constructor(nal: Uint8Array) {
    const end = Math.min(nal.length, MOST_BYTES);
    const bytes = new Uint8Array(end);
    const gaps: number[] = [];
    let [length, zeros] = [0, 0];
    for (let i = 1; i < end; i++) {
      const byte = nal[i]!;
      if (zeros >= 2 && byte === 3) {
        gaps.push(length);
        zeros = 0;
        continue;
      }
      zeros = byte === 0 ? zeros + 1 : 0;
      bytes[length++] = byte;
    }
    this.bytes = bytes.subarray(0, length);
    this.gaps = gaps;
  }

  /** Bytes of the NAL unit that hold what was read so far, its header among them. */
  get read(): number {
    const whole = Math.ceil(this.at / 8);
    return 1 + whole + this.gaps.filter((gap) => gap < whole).length;
  }

  bit(): number {
    const byte = this.bytes[this.at >> 3];
    if (byte === undefined) throw new NotUnderstood("It ends within its header.");
    return (byte >> (7 - (this.at++ & 7))) & 1;
  }

  flag(): boolean {
    return this.bit() === 1;
  }

  /** u(n), up to 32 bits. */
  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 2 + this.bit();
    return value;
  }

  /** ue(v): Exp-Golomb. */
  unsigned(): number {
    let zeros = 0;
    while (this.bit() === 0) if (++zeros > 31) throw new NotUnderstood("A number is too large.");
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** se(v). */
  signed(): number {
    const code = this.unsigned();
    return code % 2 === 1 ? (code + 1) / 2 : 0 - code / 2;
  }
}
