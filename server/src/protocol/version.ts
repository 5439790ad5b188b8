/**
 * Version of the messages in this folder. It grows by one when a message changes in a way that an
 * older reader would misunderstand; a new optional field or a new message does not count.
 * Both ends say theirs when they meet and refuse to work together when they differ.
 */
export const PROTOCOL_VERSION = 1;
