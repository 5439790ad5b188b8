import { ticksPerFrame, type Clock } from "../timeline.js";

/** A time for which the frame on screen is wanted, and its place in the answer. */
export interface Target {
  readonly tick: number;
  readonly index: number;
}

/**
 * Splits targets (ascending) into groups of one process each. Staying in one process costs decoding
 * everything in between; another one costs its start and, on average, half a group of pictures.
 */
export function groupTargets(clock: Clock, targets: readonly Target[], startFrames: number, most: number): Target[][] {
  const another = (startFrames + clock.gop / 2) * ticksPerFrame(clock);
  const groups: Target[][] = [];
  for (const target of targets) {
    const group = groups.at(-1);
    const previous = group?.at(-1);
    if (group && previous && group.length < most && target.tick - previous.tick <= another) group.push(target);
    else groups.push([target]);
  }
  return groups;
}

/**
 * Short spans before targets, in which their frames should lie. All frames of the spans are wanted:
 * so the last one that is not after a target is the one on screen.
 */
export class Spans {
  constructor(
    private readonly targets: readonly Target[],
    /** Ticks. */
    private readonly width: number,
  ) {}

  get first(): number {
    return this.targets[0]!.tick;
  }

  get last(): number {
    return this.targets[this.targets.length - 1]!.tick;
  }

  /** As an expression of FFmpeg's `select`. */
  get expression(): string {
    const spans: [number, number][] = [];
    for (const { tick } of this.targets) {
      const low = Math.ceil(tick - this.width);
      const before = spans.at(-1);
      if (before && low <= before[1] + 1) before[1] = tick;
      else spans.push([low, tick]);
    }
    return spans.map(([low, high]) => `between(pts,${low},${high})`).join("+");
  }

  /** The targets that a frame may be on screen for, as long as no later one comes. */
  of(pts: number): Target[] {
    return this.targets.filter(({ tick }) => pts <= tick && pts >= tick - this.width);
  }
}
