package ferrite.board.snapshot;

import ferrite.board.image.ProgramFacts;
import ferrite.hardware.Machine;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * How a snapshot of a bare machine lies in a file; numbers are little-endian.
 *
 * <pre>
 *  0  "FERRITE" and 0x1a
 *  8  format version, 32 bits
 * 12  length of the file, 64 bits
 * 20  the sections, each: name, 4 bytes; length, 64 bits; what is in it
 *       MACH  what machine it is                          {@link SavedMachine}
 *       PROG  what is known of the program                {@link ProgramFacts}
 *       BROM  the boot ROM
 *       PART  every part but RAM: name and state          {@link ferrite.hardware.Machine#saveParts}
 *       RAM0  pages of RAM at power-on, deflated, which is what a reset goes back to
 *       RAM1  pages of RAM that have changed since, deflated
 * -4  CRC-32C of all that comes before
 *
 * A page is its number in RAM, 32 bits, and its 4096 bytes; pages come lowest first, and {@link #LAST_PAGE} stands behind the last one.
 * </pre>
 *
 * The version changes whenever a part saves something else than before: a file is for the Ferrite that wrote it and others of the same version.
 * Equal machines have equal files.
 */
final class SnapshotFormat {

    static final int VERSION = 1;

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

    /** What a file may take of the host's memory beside RAM: small sections, and the parts, of which disks with their write caches are the largest. */
    static final int LARGEST_MACHINE = 64 << 10;
    static final int LARGEST_PROGRAM = 16 << 20;
    static final int LARGEST_PARTS_WITHOUT_DISKS = 16 << 20;
    static final int LARGEST_DISK = 72 << 20;

    private static final int MOST_PARTS = 1000;

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
        int count = in.get32(0, MOST_PARTS);
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
