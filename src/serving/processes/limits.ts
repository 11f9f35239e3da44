/** How long a process may take over what it is asked, in milliseconds. */

/** A model of any size from any disk is loaded, hashed and measured by then. */
export const PREPARE_MS = 600_000;

/** A process that has the models goes over to them at once, and waits half as long for those that are served no more. */
export const COMMIT_MS = 60_000;

/** The first process tells others what they are to be, however busy it is. */
export const SHARE_MS = 30_000;
