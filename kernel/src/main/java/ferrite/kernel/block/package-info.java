/**
 * Block devices (LDD3 chapter 16): disks with a queue of requests, which merges neighbours, and the cache through which
 * files read and write them.
 */
package ferrite.kernel.block;
