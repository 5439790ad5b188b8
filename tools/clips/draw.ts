/**
 * Rasters a scene to 8-bit RGB. Edges are antialiased by supersampling: every pixel of an object's
 * box is tested at 4 x 4 places. Independent of the pictures that the embedded model is trained on.
 */
import { Random } from "./random.js";
import { placeAt, type Colour, type Scene, type Shape } from "./scene.js";

type Rgb = readonly [number, number, number];

const PAINT: Readonly<Record<Colour, Rgb>> = {
  red: [222, 38, 40],
  green: [44, 176, 62],
  blue: [44, 88, 224],
  yellow: [244, 222, 44],
  purple: [150, 56, 200],
  orange: [246, 140, 24],
  white: [246, 246, 246],
  cyan: [42, 208, 224],
};

const SAMPLES = 4;
const TAU = 2 * Math.PI;

/** Whether (x, y), in radii from the centre and y downwards, lies inside the upright shape. */
export function inside(shape: Shape, x: number, y: number): boolean {
  const r = Math.hypot(x, y);
  switch (shape) {
    case "circle":
      return r <= 1;
    case "ring":
      return r <= 1 && r >= 0.6;
    case "square":
      return Math.max(Math.abs(x), Math.abs(y)) <= 0.88;
    case "cross":
      return Math.min(Math.abs(x), Math.abs(y)) <= 0.3 && Math.max(Math.abs(x), Math.abs(y)) <= 1;
    case "triangle":
      // Equilateral, point up, with its centre of mass moved to the middle of its box.
      return y <= 0.78 && Math.abs(x) * Math.sqrt(3) <= y + 1;
    case "star": {
      // Five points: the edge runs straight from a tip (radius 1) to the notch beside it.
      const sector = TAU / 5;
      const angle = Math.abs((((Math.atan2(x, -y) % sector) + sector * 1.5) % sector) - sector / 2);
      const notch = 0.42;
      const half = sector / 2;
      const [px, py] = [r * Math.sin(angle), r * Math.cos(angle)];
      const [nx, ny] = [notch * Math.sin(half), notch * Math.cos(half)];
      return nx * (py - 1) - (ny - 1) * px <= 0;
    }
  }
}

interface Style {
  readonly paint: Rgb;
  readonly turn: number;
}

/** Draws the frames of one scene; keeps the background and what varies from object to object. */
export class Canvas {
  readonly #scene: Scene;
  readonly #background: Uint8Array;
  readonly #styles: readonly Style[];

  constructor(scene: Scene) {
    this.#scene = scene;
    const random = new Random(scene.seed ^ 0x5eed);
    this.#background = background(scene.width, scene.height, random);
    this.#styles = scene.things.map((thing) => ({
      paint: PAINT[thing.colour].map((v) => clamp(v + random.between(-14, 10))) as unknown as Rgb,
      turn: random.between(-0.14, 0.14),
    }));
  }

  /** The picture at a time: width * height * 3 bytes. */
  frame(timeMs: number): Uint8Array {
    const { width, height, things } = this.#scene;
    const rgb = this.#background.slice();
    things.forEach((thing, i) => {
      if (timeMs < thing.startMs || timeMs >= thing.endMs) return;
      const { x, y } = placeAt(thing, timeMs);
      this.#fill(rgb, thing.shape, x * width, y * height, thing.radius * height, this.#styles[i] as Style);
    });
    return rgb;
  }

  #fill(rgb: Uint8Array, shape: Shape, cx: number, cy: number, radius: number, style: Style): void {
    const { width, height } = this.#scene;
    const [cos, sin] = [Math.cos(style.turn) / radius, Math.sin(style.turn) / radius];
    const reach = radius * 1.3;
    for (let py = Math.max(0, Math.floor(cy - reach)); py < Math.min(height, cy + reach); py++) {
      for (let px = Math.max(0, Math.floor(cx - reach)); px < Math.min(width, cx + reach); px++) {
        let hits = 0;
        for (let s = 0; s < SAMPLES * SAMPLES; s++) {
          const dx = px + ((s % SAMPLES) + 0.5) / SAMPLES - cx;
          const dy = py + (Math.floor(s / SAMPLES) + 0.5) / SAMPLES - cy;
          if (inside(shape, dx * cos + dy * sin, dy * cos - dx * sin)) hits++;
        }
        if (hits === 0) continue;
        const cover = hits / (SAMPLES * SAMPLES);
        const at = (py * width + px) * 3;
        for (let c = 0; c < 3; c++) rgb[at + c] = Math.round((rgb[at + c] as number) * (1 - cover) + (style.paint[c] as number) * cover);
      }
    }
  }
}

/** Plain, a gradient, or lightly textured; dark to middling and nearly grey, so that every colour shows. */
function background(width: number, height: number, random: Random): Uint8Array {
  const kind = random.pick(["plain", "gradient", "texture"] as const);
  const tint = (): Rgb => {
    const grey = random.between(12, 84);
    return [grey + random.between(-10, 10), grey + random.between(-10, 10), grey + random.between(-10, 12)];
  };
  const [a, b] = [tint(), kind === "plain" ? undefined : tint()];
  const angle = random.between(0, TAU);
  const [kx, ky, phase] = [random.between(2, 9), random.between(2, 9), random.between(0, TAU)];
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = [x / width - 0.5, y / height - 0.5];
      const along = kind === "gradient" ? clamp01(0.5 + u * Math.cos(angle) + v * Math.sin(angle)) : 0;
      const wave = kind === "texture" ? 5 * Math.sin(TAU * (kx * u + ky * v) + phase) + random.between(-4, 4) : 0;
      for (let c = 0; c < 3; c++) {
        const base = (a[c] as number) * (1 - along) + (b?.[c] ?? 0) * along;
        rgb[(y * width + x) * 3 + c] = clamp(base + wave);
      }
    }
  }
  return rgb;
}

function clamp(v: number): number {
  return Math.min(255, Math.max(0, Math.round(v)));
}

function clamp01(v: number): number {
  return Math.min(1, Math.max(0, v));
}
