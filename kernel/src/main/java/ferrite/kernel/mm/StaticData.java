package ferrite.kernel.mm;

import ferrite.kernel.base.Pointer;

/**
 * Zeroed memory that boot allocates for a part of the kernel before the page allocator runs.
 *
 * @param address field of the root page, for its address
 * @param bytes   the size
 */
public record StaticData(Pointer address, int bytes) { }
