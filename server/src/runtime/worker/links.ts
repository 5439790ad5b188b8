/**
 * Links that lead out of the workspace. A notebook that names a file outside says so for everyone to see,
 * and a link does not: behind `clips/a.mp4` of a repository that was cloned may lie any file of its
 * reader. Links whose target lies in the workspace, such as those of data versioning tools, are followed.
 */
import { realpathSync } from "node:fs";
import { isAbsolute, relative, sep } from "node:path";
import { VqaError } from "../../engine/errors.js";

/** Throws video-refused. `folders` are the workspace's, as absolute paths. */
export function refuseLinksOut(folders: () => readonly string[]): (video: string) => void {
  return (video) => {
    const all = folders();
    if (!all.some((folder) => holds(folder, video))) return;
    let real: string;
    try {
      real = realpathSync(video);
    } catch {
      // The decoder says in its own words that there is no such file.
      return;
    }
    if (all.some((folder) => holds(realOf(folder), real))) return;
    throw new VqaError("video-refused", `${video} leads by a link out of the workspace, to ${real}.`, "Name that file itself where you trust it, or add its folder to the workspace.", { data: { video, real } });
  };
}

/** The workspace itself may be opened by a link. */
function realOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

function holds(folder: string, path: string): boolean {
  const between = relative(folder, path);
  return between !== "" && between !== ".." && !between.startsWith(`..${sep}`) && !isAbsolute(between);
}
