package ferrite.board.snapshot;

import ferrite.board.image.BootRom;
import ferrite.board.image.GuestImage;
import ferrite.board.image.ProgramFacts;
import ferrite.hardware.Machine;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.state.StateException;
import ferrite.hardware.state.StateReader;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/**
 * A snapshot in a file, open for reading. The file may be damaged or hostile: every fault in it is an
 * {@link IOException} with a sentence. It takes no more of the host's memory than the machine's RAM and the limits of
 * {@link SnapshotFormat}.
 */
public final class SnapshotFile implements AutoCloseable {

    private static final List<Integer> SECTIONS = List.of(SnapshotFormat.MACHINE, SnapshotFormat.PROGRAM,
            SnapshotFormat.BOOT_ROM, SnapshotFormat.PARTS, SnapshotFormat.RAM_AT_POWER_ON, SnapshotFormat.RAM_CHANGES);

    private record Section(long at, long bytes) { }

    private final Path file;
    private final FileChannel channel;
    private final Map<Integer, Section> sections = new LinkedHashMap<>();
    private SavedMachine machine;

    private SnapshotFile(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Opens a snapshot, checks that it is whole, and reads the description of its machine.
     *
     * @throws IOException with a sentence, when the file is not a usable snapshot
     */
    public static SnapshotFile open(Path file) throws IOException {
        long length = GuestImage.sizeOf(file);
        SnapshotFile snapshot = new SnapshotFile(file, FileChannel.open(file, StandardOpenOption.READ));
        try {
            snapshot.check(length);
            snapshot.machine = snapshot.decode(SnapshotFormat.MACHINE,
                    SnapshotFormat.MAX_MACHINE_BYTES, SavedMachine::of);
            return snapshot;
        } catch (IOException e) {
            snapshot.close();
            throw e;
        }
    }

    /** Returns the description of the machine. */
    public SavedMachine machine() {
        return machine;
    }

    public Path file() {
        return file;
    }

    public ProgramFacts program() throws IOException {
        long base = machine.options().kind().ramBase();
        return decode(SnapshotFormat.PROGRAM, SnapshotFormat.MAX_PROGRAM_BYTES,
                in -> SavedProgram.of(in, base, base + machine.options().ramBytes()));
    }

    public byte[] bootRom() throws IOException {
        byte[] bytes = bytes(SnapshotFormat.BOOT_ROM, (int) BootRom.BYTES);
        if (bytes.length != BootRom.BYTES) {
            throw broken("its boot ROM has " + bytes.length + " bytes, and should have " + BootRom.BYTES);
        }
        return bytes;
    }

    List<Machine.PartState> parts() throws IOException {
        int most = (int) Math.min(Integer.MAX_VALUE - 8,
                SnapshotFormat.MAX_PARTS_BYTES_WITHOUT_DISKS
                        + (long) machine.disks().size() * SnapshotFormat.MAX_DISK_STATE_BYTES
                        + (long) machine.devices().size() * SnapshotFormat.MAX_DEVICE_STATE_BYTES);
        return decode(SnapshotFormat.PARTS, most, SnapshotFormat::partsOf);
    }

    void forEachPageAtPowerOn(Ram.PageVisitor visitor) throws IOException {
        forEachPage(SnapshotFormat.RAM_AT_POWER_ON, visitor);
    }

    void forEachPageChangedSince(Ram.PageVisitor visitor) throws IOException {
        forEachPage(SnapshotFormat.RAM_CHANGES, visitor);
    }

    /** Returns an exception that names this file and its fault. */
    public IOException broken(String why) {
        return new IOException(file + " is no snapshot that can be restored: " + why);
    }

    // ---- the file as a whole ----

    private void check(long length) throws IOException {
        if (length < SnapshotFormat.HEADER_BYTES + SnapshotFormat.CHECKSUM_BYTES) {
            throw broken("it has only " + length + " bytes");
        }
        byte[] header = stream(0).readNBytes(SnapshotFormat.HEADER_BYTES);
        if (!Arrays.equals(Arrays.copyOf(header, SnapshotFormat.VERSION_AT), SnapshotFormat.magic())) {
            throw broken("it does not begin as one, which 'snapshot FILE' or --snapshot-at makes");
        }
        StateReader in =
                new StateReader(Arrays.copyOfRange(header, SnapshotFormat.VERSION_AT, SnapshotFormat.HEADER_BYTES));
        int version = in.get32();
        if (version != SnapshotFormat.VERSION) {
            throw broken("it has format version " + Integer.toUnsignedString(version)
                    + ", and this Ferrite reads version " + SnapshotFormat.VERSION
                    + "; restore it with the Ferrite that wrote it");
        }
        long written = in.get64();
        if (written != length) {
            throw broken("it has " + length + " bytes, and had " + Long.toUnsignedString(written)
                    + " when it was written");
        }
        long end = length - SnapshotFormat.CHECKSUM_BYTES;
        if (SnapshotWriter.checksum(channel, end)
                != new StateReader(stream(end).readNBytes(SnapshotFormat.CHECKSUM_BYTES)).get32()) {
            throw broken("it is damaged: its contents do not have the checksum at its end");
        }
        findSections(end);
    }

    private void findSections(long end) throws IOException {
        long at = SnapshotFormat.HEADER_BYTES;
        for (int name : SECTIONS) {
            String text = SnapshotFormat.nameText(name);
            if (end - at < SnapshotFormat.SECTION_HEADER_BYTES) {
                throw broken("it ends where its section " + text + " should begin");
            }
            StateReader header = new StateReader(stream(at).readNBytes(SnapshotFormat.SECTION_HEADER_BYTES));
            if (header.get32() != name) {
                throw broken("at byte " + at + " its section " + text + " should begin");
            }
            at += SnapshotFormat.SECTION_HEADER_BYTES;
            long bytes = header.get64();
            if (bytes < 0 || bytes > end - at) {
                throw broken("its section " + text + " claims " + Long.toUnsignedString(bytes)
                        + " bytes, for which the file is too short");
            }
            sections.put(name, new Section(at, bytes));
            at += bytes;
        }
        if (at != end) {
            throw broken("there is something after its last section");
        }
    }

    private InputStream stream(long at) throws IOException {
        channel.position(at);
        return Channels.newInputStream(channel);
    }

    // ---- sections ----

    private interface Decoder<T> {
        T decode(StateReader in);
    }

    private <T> T decode(int name, int max, Decoder<T> decoder) throws IOException {
        StateReader in = new StateReader(bytes(name, max));
        try {
            T result = decoder.decode(in);
            StateReader.requireThat(in.isAtEnd(), "it is longer than it should be");
            return result;
        } catch (StateException e) {
            throw broken("its section " + SnapshotFormat.nameText(name) + " makes no sense: " + e.getMessage());
        }
    }

    private byte[] bytes(int name, int max) throws IOException {
        Section section = sections.get(name);
        if (section.bytes > max) {
            throw broken("its section " + SnapshotFormat.nameText(name) + " has " + section.bytes
                    + " bytes, and at most " + max + " make sense");
        }
        byte[] bytes = stream(section.at).readNBytes((int) section.bytes);
        if (bytes.length != section.bytes) {
            throw broken("it became shorter while it was read");
        }
        return bytes;
    }

    private void forEachPage(int name, Ram.PageVisitor visitor) throws IOException {
        Section section = sections.get(name);
        Inflater inflater = new Inflater();
        try {
            InputStream in = new InflaterInputStream(new BufferedInputStream(new Piece(stream(section.at),
                    section.bytes)), inflater);
            byte[] number = new byte[Integer.BYTES];
            byte[] page = new byte[Ram.PAGE_BYTES];
            long pages = machine.options().ramBytes() / Ram.PAGE_BYTES;
            for (long previous = -1; ; ) {
                readFully(in, number);
                int next = new StateReader(number).get32();
                if (next == SnapshotFormat.LAST_PAGE) {
                    break;
                }
                if (next <= previous || next >= pages) {
                    throw broken("its section " + SnapshotFormat.nameText(name) + " has page "
                            + Integer.toUnsignedString(next) + " after page " + previous + ", of a RAM of " + pages);
                }
                readFully(in, page);
                visitor.page(machine.options().kind().ramBase() + (long) next * Ram.PAGE_BYTES, page);
                previous = next;
            }
            if (in.read() >= 0 || inflater.getBytesRead() != section.bytes) {
                throw broken("its section " + SnapshotFormat.nameText(name) + " goes on after its last page");
            }
        } catch (EOFException | ZipException e) {
            throw broken("its section " + SnapshotFormat.nameText(name) + " cannot be inflated");
        } finally {
            inflater.end();
        }
    }

    private static void readFully(InputStream in, byte[] into) throws IOException {
        if (in.readNBytes(into, 0, into.length) != into.length) {
            throw new EOFException();
        }
    }

    /** The first bytes of another stream. */
    private static final class Piece extends InputStream {

        private final InputStream in;
        private long left;

        Piece(InputStream in, long bytes) {
            this.in = in;
            this.left = bytes;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int at, int length) throws IOException {
            int read = left == 0 ? -1 : in.read(into, at, (int) Math.min(left, length));
            left -= Math.max(0, read);
            return read;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
