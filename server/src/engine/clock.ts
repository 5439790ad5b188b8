/** Times as people and prompts read them. */

const pad = (n: number): string => String(n).padStart(2, "0");

/** `mm:ss`, or `h:mm:ss` from one hour on; fractions of a second are cut, never rounded up. */
export function formatClock(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(total / 3600);
  const rest = `${pad(Math.floor(total / 60) % 60)}:${pad(total % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** `h:mm:ss`, the hours always there; fractions of a second are cut. */
export function formatDuration(ms: number): string {
  const clock = formatClock(ms);
  return clock.length === 5 ? `0:${clock}` : clock;
}

/** As {@link formatClock}, with milliseconds: for messages. */
export function formatPrecise(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  return `${formatClock(whole)}.${String(whole % 1000).padStart(3, "0")}`;
}
