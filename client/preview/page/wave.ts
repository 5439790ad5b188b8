const HEIGHT = 60;

/** How loud a film is, drawn in the colour that the style sheet gives the canvas. */
export function showWave(canvas: HTMLCanvasElement, peaks: readonly number[]): void {
  canvas.width = Math.max(1, peaks.length);
  canvas.height = HEIGHT;
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.fillStyle = getComputedStyle(canvas).color;
  for (const [x, peak] of peaks.entries()) {
    const height = Math.max(1, peak * HEIGHT);
    context.fillRect(x, (HEIGHT - height) / 2, 1, height);
  }
}
