/** J K L: back, stop and forward, each press of the same key doubling the speed. Pure. */

/** Speed: 0 stands still, below 0 goes back. */
export type Speed = number;
export type ShuttleKey = "back" | "pause" | "forward" | "toggle";

export const FASTEST = 8;

export function shuttle(speed: Speed, key: ShuttleKey): Speed {
  switch (key) {
    case "pause":
      return 0;
    case "toggle":
      return speed === 0 ? 1 : 0;
    case "forward":
      return speed > 0 ? Math.min(FASTEST, speed * 2) : 1;
    case "back":
      return speed < 0 ? Math.max(-FASTEST, speed * 2) : -1;
  }
}
