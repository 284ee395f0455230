package ferrite.kernel.mm;

import ferrite.kernel.base.DriverApi;

/**
 * {@code struct shrink_control}: what a shrinker is asked.
 *
 * @param gfpMask  flags of the allocation that needs memory: without {@code __GFP_FS} no file system may be called, without {@code __GFP_IO} no block I/O started
 * @param nrToScan how many objects to look at; 0 when only their number is asked for
 */
@DriverApi
public record ShrinkControl(int gfpMask, long nrToScan) { }
