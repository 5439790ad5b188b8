/**
 * onnxruntime 1.30 tells its makers of processes that load it, and keeps a number of the machine for that,
 * unless this variable is set or it takes the process for one of a build server (seen on Linux: a device id and
 * a log of events in the folder of caches, and an address of its makers in the library). The variable is
 * read when the library loads.
 */
process.env["ORT_DISABLE_TELEMETRY"] = "1";
