/**
 * Discrete Fourier transforms of any length whose prime factors are small: 400 for Whisper's windows
 * of 25 ms, 512 for Kaldi's. Stockham's algorithm: no bit reversal, one pass a factor.
 */
export class Fft {
  private readonly factors: readonly number[];
  /** cos and sin of 2 pi i / n. */
  private readonly cos: Float64Array;
  private readonly sin: Float64Array;
  private readonly spareRe: Float64Array;
  private readonly spareIm: Float64Array;

  constructor(readonly length: number) {
    this.factors = factorsOf(length);
    this.cos = Float64Array.from({ length }, (_, i) => Math.cos((2 * Math.PI * i) / length));
    this.sin = Float64Array.from({ length }, (_, i) => Math.sin((2 * Math.PI * i) / length));
    this.spareRe = new Float64Array(length);
    this.spareIm = new Float64Array(length);
  }

  /** X[k] = sum of x[n] exp(-2 pi i n k / length), in place. */
  transform(re: Float64Array, im: Float64Array): void {
    let [fromRe, fromIm, toRe, toIm] = [re, im, this.spareRe, this.spareIm];
    let n = this.length;
    let stride = 1;
    for (const radix of this.factors) {
      const m = n / radix;
      if (radix === 4) this.pass4(fromRe, fromIm, toRe, toIm, m, stride);
      else if (radix === 5) this.pass5(fromRe, fromIm, toRe, toIm, m, stride);
      else this.pass(radix, fromRe, fromIm, toRe, toIm, m, stride);
      [fromRe, fromIm, toRe, toIm] = [toRe, toIm, fromRe, fromIm];
      n = m;
      stride *= radix;
    }
    if (fromRe !== re) {
      re.set(fromRe);
      im.set(fromIm);
    }
  }

  private pass4(xr: Float64Array, xi: Float64Array, yr: Float64Array, yi: Float64Array, m: number, s: number): void {
    const { cos, sin } = this;
    for (let p = 0; p < m; p++) {
      const t = p * s;
      const [c1, s1, c2, s2, c3, s3] = [cos[t]!, sin[t]!, cos[2 * t]!, sin[2 * t]!, cos[3 * t]!, sin[3 * t]!];
      for (let q = 0; q < s; q++) {
        const a = q + s * p;
        const [b, c, d] = [a + s * m, a + 2 * s * m, a + 3 * s * m];
        const [pr, pi, mr, mi] = [xr[a]! + xr[c]!, xi[a]! + xi[c]!, xr[a]! - xr[c]!, xi[a]! - xi[c]!];
        const [qr, qi] = [xr[b]! + xr[d]!, xi[b]! + xi[d]!];
        // (b - d) times -i.
        const [nr, ni] = [xi[b]! - xi[d]!, xr[d]! - xr[b]!];
        const to = q + 4 * s * p;
        yr[to] = pr + qr;
        yi[to] = pi + qi;
        const [ur, ui, vr, vi, wr, wi] = [mr + nr, mi + ni, pr - qr, pi - qi, mr - nr, mi - ni];
        yr[to + s] = ur * c1 + ui * s1;
        yi[to + s] = ui * c1 - ur * s1;
        yr[to + 2 * s] = vr * c2 + vi * s2;
        yi[to + 2 * s] = vi * c2 - vr * s2;
        yr[to + 3 * s] = wr * c3 + wi * s3;
        yi[to + 3 * s] = wi * c3 - wr * s3;
      }
    }
  }

  /** Without arrays in between: Whisper's windows spend most of their time here. */
  private pass5(xr: Float64Array, xi: Float64Array, yr: Float64Array, yi: Float64Array, m: number, s: number): void {
    const { cos, sin } = this;
    const sm = s * m;
    for (let p = 0; p < m; p++) {
      const t = p * s;
      for (let q = 0; q < s; q++) {
        const a = q + t;
        const r0 = xr[a]!;
        const i0 = xi[a]!;
        const r1 = xr[a + sm]! + xr[a + 4 * sm]!;
        const i1 = xi[a + sm]! + xi[a + 4 * sm]!;
        const r2 = xr[a + 2 * sm]! + xr[a + 3 * sm]!;
        const i2 = xi[a + 2 * sm]! + xi[a + 3 * sm]!;
        const r3 = xr[a + sm]! - xr[a + 4 * sm]!;
        const i3 = xi[a + sm]! - xi[a + 4 * sm]!;
        const r4 = xr[a + 2 * sm]! - xr[a + 3 * sm]!;
        const i4 = xi[a + 2 * sm]! - xi[a + 3 * sm]!;
        const ar = r0 + C1 * r1 + C2 * r2;
        const ai = i0 + C1 * i1 + C2 * i2;
        const br = r0 + C2 * r1 + C1 * r2;
        const bi = i0 + C2 * i1 + C1 * i2;
        // Times -i further down.
        const cr = S1 * r3 + S2 * r4;
        const ci = S1 * i3 + S2 * i4;
        const dr = S2 * r3 - S1 * r4;
        const di = S2 * i3 - S1 * i4;
        const to = q + 5 * t;
        yr[to] = r0 + r1 + r2;
        yi[to] = i0 + i1 + i2;
        turn(yr, yi, to + s, ar + ci, ai - cr, cos[t]!, sin[t]!);
        turn(yr, yi, to + 2 * s, br + di, bi - dr, cos[2 * t]!, sin[2 * t]!);
        turn(yr, yi, to + 3 * s, br - di, bi + dr, cos[3 * t]!, sin[3 * t]!);
        turn(yr, yi, to + 4 * s, ar - ci, ai + cr, cos[4 * t]!, sin[4 * t]!);
      }
    }
  }

  private pass(r: number, xr: Float64Array, xi: Float64Array, yr: Float64Array, yi: Float64Array, m: number, s: number): void {
    const { cos, sin, length } = this;
    const step = length / r;
    for (let p = 0; p < m; p++) {
      for (let j = 0; j < r; j++) {
        const [tc, ts] = [cos[p * j * s]!, sin[p * j * s]!];
        for (let q = 0; q < s; q++) {
          let [sumRe, sumIm] = [0, 0];
          for (let k = 0; k < r; k++) {
            const at = q + s * (p + m * k);
            const w = ((j * k) % r) * step;
            sumRe += xr[at]! * cos[w]! + xi[at]! * sin[w]!;
            sumIm += xi[at]! * cos[w]! - xr[at]! * sin[w]!;
          }
          const to = q + s * (r * p + j);
          yr[to] = sumRe * tc + sumIm * ts;
          yi[to] = sumIm * tc - sumRe * ts;
        }
      }
    }
  }
}

/**
 * Power spectra of real frames of one length, two at a time: one as the real part, one as the
 * imaginary part of a single transform. Each has length / 2 + 1 bins.
 */
export class PowerSpectra {
  private readonly fft: Fft;
  readonly bins: number;
  /** The two frames go here, and come out changed. */
  readonly first: Float64Array;
  readonly second: Float64Array;

  constructor(readonly length: number) {
    this.fft = new Fft(length);
    this.bins = length / 2 + 1;
    this.first = new Float64Array(length);
    this.second = new Float64Array(length);
  }

  compute(power: Float64Array, power2: Float64Array): void {
    const { first: re, second: im, length } = this;
    this.fft.transform(re, im);
    for (let k = 0; k < this.bins; k++) {
      const mirror = k === 0 ? 0 : length - k;
      const [ar, ai] = [(re[k]! + re[mirror]!) / 2, (im[k]! - im[mirror]!) / 2];
      const [br, bi] = [(im[k]! + im[mirror]!) / 2, (re[mirror]! - re[k]!) / 2];
      power[k] = ar * ar + ai * ai;
      power2[k] = br * br + bi * bi;
    }
  }
}

const [C1, C2, S1, S2] = [Math.cos((2 * Math.PI) / 5), Math.cos((4 * Math.PI) / 5), Math.sin((2 * Math.PI) / 5), Math.sin((4 * Math.PI) / 5)];

/** Stores (re, im) turned back by the angle of (c, s). */
function turn(yr: Float64Array, yi: Float64Array, at: number, re: number, im: number, c: number, s: number): void {
  yr[at] = re * c + im * s;
  yi[at] = im * c - re * s;
}

function factorsOf(length: number): number[] {
  const factors: number[] = [];
  let rest = length;
  for (const factor of [4, 5, 3, 2, 7]) for (; rest % factor === 0; rest /= factor) factors.push(factor);
  if (rest !== 1) throw new RangeError(`A transform of ${length} has a prime factor above 7.`);
  return factors;
}
