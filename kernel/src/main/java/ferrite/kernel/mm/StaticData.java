package ferrite.kernel.mm;

/**
 * Zeroed memory that boot allocates for a part of the kernel before the page allocator runs.
 *
 * @param rootOffset where the root page holds the address
 * @param bytes      the size
 */
public record StaticData(int rootOffset, int bytes) { }
