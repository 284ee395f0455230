package ferrite.hardware.devicetree;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writer for the three blocks of a flattened tree, and then for the header with their offsets. Each instance is used
 * once.
 */
final class FlatTreeWriter {
    private final ByteArrayOutputStream structure = new ByteArrayOutputStream();
    private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
    private final Map<String, Integer> stringOffsets = new HashMap<>();

    byte[] write(DeviceTreeNode root, List<Region> memoryReservations) {
        if (root.parent().isPresent()) {
            throw new IllegalArgumentException("Only a whole device tree can be flattened, and " + root.path()
                    + " is not its root.");
        }
        node(root);
        word(FlattenedDeviceTree.FDT_END);

        int structureOffset = FlattenedDeviceTree.HEADER_BYTES
                + FlattenedDeviceTree.RESERVATION_BYTES * (memoryReservations.size() + 1);
        int stringsOffset = structureOffset + structure.size();
        int totalSize = stringsOffset + strings.size();
        if (totalSize > FlattenedDeviceTree.MAX_BYTES) {
            throw new IllegalArgumentException("The device tree takes " + totalSize
                    + " bytes when it is flattened; it should take at most "
                    + FlattenedDeviceTree.MAX_BYTES + ".");
        }
        ByteBuffer blob = ByteBuffer.allocate(totalSize);
        header(blob, structureOffset, stringsOffset);
        reservations(blob, memoryReservations);
        return blob.put(structure.toByteArray()).put(strings.toByteArray()).array();
    }

    /** Writes the header (section 5.2, struct fdt_header). */
    private void header(ByteBuffer blob, int structureOffset, int stringsOffset) {
        blob.putInt(FlattenedDeviceTree.MAGIC)
            .putInt(blob.capacity())                              // totalsize
            .putInt(structureOffset)                              // off_dt_struct
            .putInt(stringsOffset)                                // off_dt_strings
            .putInt(FlattenedDeviceTree.HEADER_BYTES)             // off_mem_rsvmap
            .putInt(FlattenedDeviceTree.VERSION)                  // version
            .putInt(FlattenedDeviceTree.LAST_COMPATIBLE_VERSION)  // last_comp_version
            .putInt(0)                                            // boot_cpuid_phys
            .putInt(strings.size())                               // size_dt_strings
            .putInt(structure.size());                            // size_dt_struct
    }

    private static void reservations(ByteBuffer blob, List<Region> memoryReservations) {
        for (Region reserved : memoryReservations) {
            if (reserved.address() == 0 && reserved.size() == 0) {
                throw new IllegalArgumentException("The memory reservation (0, 0) would end the list of "
                        + "reservations; leave it out.");
            }
            blob.putLong(reserved.address()).putLong(reserved.size());
        }
        blob.putLong(0).putLong(0);
    }

    /** Writes a node. Its properties come before its children (section 5.4.2). */
    private void node(DeviceTreeNode node) {
        word(FlattenedDeviceTree.FDT_BEGIN_NODE);
        structure.writeBytes(node.name().getBytes(StandardCharsets.US_ASCII));
        structure.write(0);
        pad();
        node.propertyNames().forEach(property -> property(property, node.sharedProperty(property)));
        node.children().forEach(this::node);
        word(FlattenedDeviceTree.FDT_END_NODE);
    }

    private void property(String name, byte[] value) {
        word(FlattenedDeviceTree.FDT_PROP);
        word(value.length);
        word(stringOffset(name));
        structure.writeBytes(value);
        pad();
    }

    private int stringOffset(String name) {
        Integer known = stringOffsets.putIfAbsent(name, strings.size());
        if (known != null) {
            return known;
        }
        int offset = strings.size();
        strings.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
        strings.write(0);
        return offset;
    }

    private void word(int value) {
        structure.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
    }

    private void pad() {
        while (structure.size() % Integer.BYTES != 0) {
            structure.write(0);
        }
    }
}
