package ferrite.board.snapshot;

import ferrite.hardware.Machine;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The file format of a snapshot of a bare machine; numbers are little-endian.
 *
 * <pre>
 *  0  "FERRITE" and 0x1a
 *  8  format version, 32 bits
 * 12  length of the file, 64 bits
 * 20  the sections, each: name, 4 bytes; length, 64 bits; contents
 *       MACH  the description of the machine               {@link SavedMachine}
 *       PROG  the facts about the program                  {@link SavedProgram}
 *       BROM  the boot ROM
 *       PART  every part but RAM: name and state           {@link ferrite.hardware.Machine#saveParts}
 *       RAM0  pages of RAM at power-on, deflated; a reset restores them
 *       RAM1  pages of RAM that have changed since, deflated
 * -4  CRC-32C of everything before it
 *
 * A page is its number in RAM, 32 bits, and its 4096 bytes. Pages come lowest first; {@link #LAST_PAGE} follows the
 * last one.
 * </pre>
 *
 * The version changes whenever a part saves other data than before: only a Ferrite with the same format version reads a
 * file. Equal machines have equal files.
 */
final class SnapshotFormat {

    static final int VERSION = 4;

    static final int MACHINE = name("MACH");
    static final int PROGRAM = name("PROG");
    static final int BOOT_ROM = name("BROM");
    static final int PARTS = name("PART");
    static final int RAM_AT_POWER_ON = name("RAM0");
    static final int RAM_CHANGES = name("RAM1");

    static final int LAST_PAGE = -1;

    static final int VERSION_AT = 8;
    static final int LENGTH_AT = 12;
    static final int HEADER_BYTES = 20;
    static final int SECTION_HEADER_BYTES = 12;
    static final int CHECKSUM_BYTES = 4;

    /**
     * Limits on the host's memory for a file, besides RAM. Of the parts, disks are the largest, with their write
     * caches.
     */
    static final int MAX_MACHINE_BYTES = 64 << 10;
    static final int MAX_PROGRAM_BYTES = 16 << 20;
    static final int MAX_PARTS_BYTES_WITHOUT_DISKS = 16 << 20;
    static final int MAX_DISK_STATE_BYTES = 72 << 20;
    /** For a device that a user plugs in: its declared memory, and as much that its model saves itself. */
    static final int MAX_DEVICE_STATE_BYTES = 8 << 20;

    private static final int MAX_PARTS = 1000;

    private SnapshotFormat() { }

    static byte[] magic() {
        return new byte[] {'F', 'E', 'R', 'R', 'I', 'T', 'E', 0x1a};
    }

    private static int name(String text) {
        return new StateReader(text.getBytes(StandardCharsets.US_ASCII)).get32();
    }

    static String nameText(int name) {
        StringBuilder text = new StringBuilder();
        for (int shift = 0; shift < 32; shift += 8) {
            text.append((char) (name >>> shift & 0x7f));
        }
        return text.toString();
    }

    static byte[] partsToBytes(List<Machine.PartState> parts) {
        StateWriter out = new StateWriter();
        out.put32(parts.size());
        for (Machine.PartState part : parts) {
            putText(out, part.name());
            out.putBytes(part.bytes());
        }
        return out.toBytes();
    }

    static List<Machine.PartState> partsOf(StateReader in) {
        int count = in.get32(0, MAX_PARTS);
        List<Machine.PartState> parts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            parts.add(new Machine.PartState(getText(in), in.getBytes()));
        }
        return parts;
    }

    static void putText(StateWriter out, String text) {
        out.putBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    static String getText(StateReader in) {
        return new String(in.getBytes(), StandardCharsets.UTF_8);
    }
}
