/** Paths that a notebook names, as URIs. */

/** The URI of a path relative to the document; undefined where that means nothing, as for untitled documents. */
export function resolveUri(document: string, path: string): string | undefined {
  if (/^[a-z][a-z\d+.-]+:\/\//i.test(path)) return path;
  const slashed = path.replace(/\\/g, "/");
  const encoded = slashed.split("/").map(encode).join("/");
  try {
    const drive = /^[A-Za-z]:\//.test(slashed) ? `/${slashed.slice(0, 2)}${encoded.slice(encoded.indexOf("/"))}` : undefined;
    return new URL(drive ?? encoded, document).href;
  } catch {
    return undefined;
  }
}

/** The folder that holds the file, with a slash at the end. */
export function folderOf(uri: string): string {
  return uri.slice(0, uri.lastIndexOf("/") + 1);
}

/** The last part of the path, decoded. */
export function nameOf(uri: string): string {
  const name = uri.slice(uri.lastIndexOf("/") + 1);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

export function inFolder(folder: string, name: string): string {
  return `${folder}${encode(name)}`;
}

function encode(segment: string): string {
  // A half of a surrogate pair cannot be encoded.
  return encodeURIComponent(segment.replace(/\p{Surrogate}/gu, "\ufffd"));
}
