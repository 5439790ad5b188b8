/** What the editor suite's program ends with when there is no editor to be had. */
export const NOT_RUN = 3;
