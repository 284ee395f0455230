package ferrite.kernel.mm;

/**
 * Zeroed memory that boot allocates for a part of the kernel before there is an allocator.
 *
 * @param rootOffset where the root page holds its address
 * @param bytes      its size
 */
public record StaticData(int rootOffset, int bytes) { }
