import type { Picture } from "../../../server/src/protocol/values.js";

/** An element with its attributes and content. Text goes in as text, never as markup. */
export function node<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Readonly<Record<string, string>> = {}, ...content: readonly (Node | string)[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...content);
  return element;
}

export function button(label: string, onClick: () => void, attributes: Readonly<Record<string, string>> = {}): HTMLButtonElement {
  const made = node("button", { type: "button", ...attributes }, label);
  made.addEventListener("click", onClick);
  return made;
}

/** Drawn, so that the page's policy need not allow pictures from anywhere. */
export function canvasOf({ width, height, rgb }: Picture, label: string): HTMLCanvasElement {
  const canvas = node("canvas", { role: "img", "aria-label": label });
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
