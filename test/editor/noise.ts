/** What a workbench itself says while tests run in it. With `VQA_TEST_VERBOSE=1` nothing is left out. */
export const isWorthSaying = (line: string): boolean => process.env["VQA_TEST_VERBOSE"] === "1" || (!NOISE.test(line) && !NOISE_INSIDE.test(line));

const NOISE = /^(\[[A-Z][A-Za-z:]+[^\]]*\]|Creating a socket|Resolv(ing|ed) |Ignoring fetching|ChatSessionStore: |Updating additional|Started local extension host|Invoking resolveAuthority|Timed out waiting for auth|(Error: )?getaddrinfo |(Error: )?Could not locate the bindings file|(Error: )?Cannot find module .\.\/build\/Release|%c|Activating extension|\[reconnection)/;

/** Native modules of the workbench that are not needed are not built; nor is its assistant used. */
const NOISE_INSIDE = /bindings file|build\/Release\/watchdog|github[.-]copilot|extensions\/copilot|^DialogService: /i;
