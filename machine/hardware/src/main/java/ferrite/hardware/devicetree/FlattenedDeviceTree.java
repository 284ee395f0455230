package ferrite.hardware.devicetree;

import java.util.List;

/**
 * The flattened form of a device tree. A board puts it in memory, and software reads it there (Devicetree Specification
 * v0.4, chapter 5). All numbers are big-endian.
 *
 * <pre>
 * offset   0   header                      40 bytes, ten words
 *         40   memory reservation block    (address, size) pairs of 64 bits, up to one of (0, 0)
 *              structure block             tokens: nodes and properties
 *              strings block               names of properties, each once
 * </pre>
 */
public final class FlattenedDeviceTree {
    static final int MAGIC = 0xd00dfeed;
    static final int VERSION = 17;
    static final int LAST_COMPATIBLE_VERSION = 16;
    static final int HEADER_BYTES = 40;
    static final int RESERVATION_BYTES = 16;

    /** Tokens of the structure block (section 5.4.1). */
    static final int FDT_BEGIN_NODE = 1;
    static final int FDT_END_NODE = 2;
    static final int FDT_PROP = 3;
    static final int FDT_NOP = 4;
    static final int FDT_END = 9;

    /** Maximum size, the same as Linux's {@code MAX_FDT_SIZE}. The tree of a machine takes a hundredth of it. */
    public static final int MAX_BYTES = 2 << 20;

    private FlattenedDeviceTree() {
    }

    /**
     * Flattens a tree, as version 17 of the format, with hart 0 as the boot hart.
     *
     * @param root               the root of the tree
     * @param memoryReservations memory that the client program must not use; not (0, 0), which ends the list
     */
    public static byte[] flatten(DeviceTreeNode root, List<Region> memoryReservations) {
        return new FlatTreeWriter().write(root, memoryReservations);
    }

    /**
     * Parses a flattened tree of version 17, or of a later version that is compatible with it. The blob may be hostile.
     * Bytes after its total size are ignored.
     *
     * @throws DeviceTreeException if anything in it is malformed, or deeper than {@link DeviceTreeNode#MAX_DEPTH}
     */
    public static DeviceTreeNode parse(byte[] blob) {
        FlatTreeBlob checked = new FlatTreeBlob(blob);
        checked.reservations();
        return new FlatTreeReader(checked).read();
    }

    /**
     * Reads the memory reservation block of a flattened tree.
     *
     * @throws DeviceTreeException if the header or the block is malformed
     */
    public static List<Region> reservations(byte[] blob) {
        return new FlatTreeBlob(blob).reservations();
    }
}
