package ferrite.kernel.mm;

import ferrite.kernel.base.DriverApi;

/**
 * {@code struct shrink_control}: the arguments of a shrinker's callback.
 *
 * @param gfpMask  flags of the allocation that needs memory: without {@code __GFP_FS} the shrinker must not call a file
 *                 system, without {@code __GFP_IO} not start block I/O
 * @param nrToScan objects to scan; 0 for {@code count_objects}
 */
@DriverApi
public record ShrinkControl(int gfpMask, long nrToScan) { }
