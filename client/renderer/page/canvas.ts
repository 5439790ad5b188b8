/** What a picture of the server needs to be shown: 8 bits a channel, RGB, base64. */
export interface DrawnPicture {
  readonly width: number;
  readonly height: number;
  readonly rgb: string;
}

/** Drawn, so that the page's policy need not allow pictures from anywhere. */
export function canvasOf({ width, height, rgb }: DrawnPicture, label: string): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label);
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  if (context === null) return canvas;
  const image = context.createImageData(width, height);
  const bytes = atob(rgb);
  for (let from = 0, to = 0; from < bytes.length && to < image.data.length; from += 3, to += 4) {
    for (let channel = 0; channel < 3; channel++) image.data[to + channel] = bytes.charCodeAt(from + channel);
    image.data[to + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
