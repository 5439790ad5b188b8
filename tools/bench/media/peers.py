"""Contestants: OpenCV and PyAV, each the way its users take frames at times. Called by main.ts with the task as JSON."""
import json
import resource
import sys

SIZE = 224
BITS = 14


def number_in(rgb):
    bar = SIZE / (BITS + 2)
    y = int(SIZE * (1 - 0.5 / 8))
    white = [int(rgb[y, int((column + 0.5) * bar), 1]) > 117 for column in range(BITS + 2)]
    if not white[0] or white[-1]:
        return None
    return sum(1 << (BITS - column) for column in range(1, BITS + 1) if white[column])


def opencv_frames(task):
    import cv2

    film = cv2.VideoCapture(task["path"])
    rate = film.get(cv2.CAP_PROP_FPS)
    numbers = []
    for time in task["timesMs"]:
        film.set(cv2.CAP_PROP_POS_FRAMES, round(time * rate / 1000))
        good, picture = film.read()
        small = cv2.resize(picture, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)
        numbers.append(number_in(cv2.cvtColor(small, cv2.COLOR_BGR2RGB)) if good else None)
    return {"version": "OpenCV " + cv2.__version__, "numbers": numbers}


def pyav_frames(task):
    import av

    film = av.open(task["path"])
    stream = film.streams.video[0]
    numbers = []
    for time in task["timesMs"]:
        target = int(time / 1000 / stream.time_base + 1e-6) + (stream.start_time or 0)
        film.seek(target, stream=stream)
        shown = None
        for frame in film.decode(stream):
            if frame.pts > target:
                break
            shown = frame
            if frame.pts == target:
                break
        numbers.append(None if shown is None else number_in(shown.to_ndarray(width=SIZE, height=SIZE, format="rgb24", interpolation="BICUBIC")))
    return {"version": "PyAV " + av.__version__, "numbers": numbers}


def pyav_sound(task):
    import av

    film = av.open(task["path"])
    resampler = av.AudioResampler(format="flt", layout="mono", rate=16000)
    samples = 0
    for frame in film.decode(audio=0):
        samples += sum(part.samples for part in resampler.resample(frame))
    return {"version": "PyAV " + av.__version__, "numbers": [], "samples": samples}


DOERS = {("opencv", "frames"): opencv_frames, ("pyav", "frames"): pyav_frames, ("pyav", "sound"): pyav_sound}

name, task = sys.argv[1], json.loads(sys.argv[2])
said = DOERS[name, task["kind"]](task)
used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(json.dumps({**said, "cpu": sum(each.ru_utime + each.ru_stime for each in used)}))
