/** Pictures of the film above its timeline. */
export function showStrip(strip: HTMLElement, pictures: readonly { readonly width: number; readonly height: number; readonly rgb: string }[]): void {
  strip.replaceChildren(
    ...pictures.map(({ width, height, rgb }) => {
      const canvas = document.createElement("canvas");
      canvas.width = width;
      canvas.height = height;
      const bytes = atob(rgb);
      const pixels = new Uint8ClampedArray(width * height * 4).fill(255);
      for (let i = 0, at = 0; at < pixels.length; at += 4) for (let c = 0; c < 3; c++) pixels[at + c] = bytes.charCodeAt(i++);
      canvas.getContext("2d")?.putImageData(new ImageData(pixels, width, height), 0, 0);
      return canvas;
    }),
  );
}
