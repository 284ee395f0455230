package ferrite.board.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.board.image.GuestProgram;
import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.session.BareSession;
import ferrite.board.session.SerialInput;
import ferrite.hardware.Seed;
import ferrite.hardware.clock.Clock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files that are damaged snapshots, or none: each is refused with a sentence. */
@Timeout(60)
class SnapshotFileTest {

    private static final int DISK_BYTES = 4096;
    private static final long MOMENT = 3000;

    @TempDir
    private Path directory;
    private Path file;
    private byte[] good;

    /** li t0, 1; loop: amoadd.w t1, t0, (sp); addi sp, sp, 4; j loop. */
    private static byte[] program() {
        int[] words = {0x0010_0293, 0x0051_232f, 0x0041_0113, 0xff9f_f06f};
        ByteBuffer bytes = ByteBuffer.allocate(4 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(words);
        return bytes.array();
    }

    @BeforeEach
    void takeOne() throws IOException {
        file = directory.resolve("good.snap");
        save(BoardKind.FERRITE, MOMENT, file);
        good = Files.readAllBytes(file);
    }

    private BoardOptions given() {
        return new BoardOptions().disk(directory.resolve("disk.img"));
    }

    private void save(BoardKind kind, long moment, Path to) throws IOException {
        Path image = Files.write(directory.resolve("program.bin"), program());
        Files.write(directory.resolve("disk.img"), new byte[DISK_BYTES]);
        BoardOptions options = (kind == BoardKind.FERRITE ? given() : new BoardOptions()).kind(kind).ram(8 << 20)
                .harts(3).maxInstructions(moment);
        try (BareSession session = new BareSession(options, new GuestProgram(image, null, ""), control -> new NoInput(),
                OutputStream.nullOutputStream(), new PrintStream(OutputStream.nullOutputStream()))) {
            session.takeSnapshots(new SnapshotPlan(null, List.of(new SnapshotPlan.Moment(moment, to))));
            session.run();
        }
    }

    private static final class NoInput implements SerialInput {

        @Override
        public boolean isPerson() {
            return false;
        }

        @Override
        public boolean isQuitting() {
            return false;
        }

        @Override
        public int take() {
            return END;
        }

        @Override
        public long await(long nanoseconds) {
            return 0;
        }
    }

    /** Restores a file and runs its machine for a while. */
    private void restore(Path from) throws IOException {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        try (SnapshotFile snapshot = SnapshotFile.open(from)) {
            BoardOptions options = snapshot.machine().complete(given().maxInstructions(Clock.LAST_TICK),
                    option -> false).maxInstructions(2 * MOMENT);
            try (BareSession session = new BareSession(options, snapshot, control -> new NoInput(),
                    OutputStream.nullOutputStream(), new PrintStream(err, true, StandardCharsets.UTF_8))) {
                session.run();
            }
        }
    }

    private Path with(byte[] bytes) throws IOException {
        return Files.write(directory.resolve("bad.snap"), bytes);
    }

    /** Returns the good file with a change, and with the right length and checksum. */
    private byte[] changed(Consumer<ByteBuffer> change) {
        ByteBuffer bytes = ByteBuffer.wrap(good.clone()).order(ByteOrder.LITTLE_ENDIAN);
        change.accept(bytes);
        return sealed(bytes.array());
    }

    private static byte[] sealed(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(SnapshotFormat.LENGTH_AT, bytes.length);
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length - SnapshotFormat.CHECKSUM_BYTES);
        buffer.putInt(bytes.length - SnapshotFormat.CHECKSUM_BYTES, (int) crc.getValue());
        return bytes;
    }

    private void refuses(byte[] bytes, String why) throws IOException {
        Path bad = with(bytes);
        assertThatThrownBy(() -> restore(bad)).isInstanceOf(IOException.class)
                .hasMessageStartingWith(bad + " is no snapshot that can be restored: ")
                .hasMessageContaining(why);
    }

    private int section(String name) {
        return new String(good, StandardCharsets.ISO_8859_1).indexOf(name);
    }

    @Test
    void aGoodOneIsRestored() throws IOException {
        restore(file);
    }

    @Test
    void equalMachinesHaveEqualFiles() throws IOException {
        Path again = directory.resolve("again.snap");
        save(BoardKind.FERRITE, MOMENT, again);
        assertThat(again).hasBinaryContent(good);
    }

    @Test
    void whatIsNotThereOrNoFileOrForeignIsSaidToBe() throws IOException {
        assertThatThrownBy(() -> restore(directory.resolve("nothing"))).isInstanceOf(IOException.class)
                .hasMessage("there is no file " + directory.resolve("nothing"));
        assertThatThrownBy(() -> restore(directory)).isInstanceOf(IOException.class)
                .hasMessage(directory + " is not a file");
        refuses(new byte[0], "it has only 0 bytes");
        refuses("#!/bin/sh\nexit 0 # and some more\n".getBytes(StandardCharsets.US_ASCII), "it does not begin as one");
    }

    @Test
    void anotherFormatVersionIsNamed() throws IOException {
        refuses(changed(bytes -> bytes.putInt(SnapshotFormat.VERSION_AT, 7)),
                "it has format version 7, and this Ferrite reads version 4; restore it with");
    }

    @Test
    void aFileThatIsCutShortAnywhereIsRefused() throws IOException {
        for (int length = 0; length < good.length; length += 1 + good.length / 200) {
            refuses(Arrays.copyOf(good, length),
                    length < 24 ? "it has only " + length : "it has " + length + " bytes, and had " + good.length);
        }
        refuses(Arrays.copyOf(good, good.length + 1), "and had " + good.length + " when it was written");
    }

    @Test
    void aSingleBitThatHasChangedIsNoticed() throws IOException {
        Seed seed = Seed.fresh();
        Random random = seed.random(0);
        for (int i = 0; i < 300; i++) {
            byte[] bytes = good.clone();
            int at = random.nextInt(bytes.length);
            bytes[at] ^= (byte) (1 << random.nextInt(8));
            Path bad = with(bytes);
            assertThatThrownBy(() -> restore(bad)).as(seed.replay("byte " + at)).isInstanceOf(IOException.class)
                    .hasMessageContaining("is no snapshot");
        }
    }

    @Test
    void sectionsThatDoNotFitAreRefused() throws IOException {
        refuses(changed(bytes -> bytes.put(section("PART"), (byte) 'X')), "its section PART should begin");
        refuses(changed(bytes -> bytes.putLong(section("PART") + 4, Long.MAX_VALUE)),
                "PART claims 9223372036854775807 bytes, for which the file is too short");
        refuses(changed(bytes -> bytes.putLong(section("PART") + 4, -1)), "for which the file is too short");
        refuses(changed(bytes -> bytes.putInt(section("MACH") + 12, 1 << 30)),
                "its section MACH makes no sense: it ends after");
        refuses(changed(bytes -> bytes.putInt(section("MACH") + 12, -1)),
                "its section MACH makes no sense: it ends after");
        refuses(changed(bytes -> bytes.putInt(section("PART") + 12, 999)),
                "its section PART makes no sense: it ends after");
        refuses(changed(bytes -> bytes.putInt(section("PART") + 12, 3)),
                "its section PART makes no sense: it is longer than it should be");
        refuses(changed(bytes -> bytes.put(section("RAM0") + 12, (byte) ~good[section("RAM0") + 12])),
                "its section RAM0 cannot be inflated");
        refuses(sealed(Arrays.copyOf(good, good.length + 8)), "there is something after its last section");
    }

    @Test
    void anotherBoardsPartsAreRefused() throws IOException {
        Path virt = directory.resolve("virt.snap");
        save(BoardKind.VIRT, 3, virt);
        byte[] other = Files.readAllBytes(virt);
        int from = new String(other, StandardCharsets.ISO_8859_1).indexOf("PART");
        int to = new String(other, StandardCharsets.ISO_8859_1).indexOf("RAM0");
        ByteArrayOutputStream mixed = new ByteArrayOutputStream();
        mixed.write(good, 0, section("PART"));
        mixed.write(other, from, to - from);
        mixed.write(good, section("RAM0"), good.length - section("RAM0"));
        refuses(sealed(mixed.toByteArray()), "parts, and this machine has");
    }

    @Test
    void whateverAHostileFileSaysItIsRefusedOrRuns() throws IOException {
        Seed seed = Seed.fresh();
        Random random = seed.random(0);
        int refused = 0;
        for (int i = 0; i < 400; i++) {
            Path bad = with(changed(bytes -> {
                for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                    int at = SnapshotFormat.HEADER_BYTES
                            + random.nextInt(good.length - SnapshotFormat.HEADER_BYTES - 8);
                    switch (random.nextInt(3)) {
                        case 0 -> bytes.put(at, (byte) random.nextInt());
                        case 1 -> bytes.putInt(at, random.nextInt(4) - 2);
                        default -> bytes.putInt(at, random.nextInt());
                    }
                }
            }));
            try {
                restore(bad);
            } catch (IOException | IllegalArgumentException e) {
                refused++;
                assertThat(e.getMessage()).as(seed.replay("file " + i)).isNotBlank();
                assertThat(e.getStackTrace()[0].getClassName()).as(seed.replay(i + ": " + e)).startsWith("ferrite.");
            }
        }
        assertThat(refused).isBetween(10, 399);
    }

    // ---- writing ----

    @Test
    void whatIsThereAlreadyIsReplacedWhenTheNewOneIsWholeAndNothingHalfStaysBehind() throws IOException {
        Files.writeString(directory.resolve("good.snap"), "something else");
        Files.writeString(directory.resolve("good.snap.partial"), "left by a crash");
        save(BoardKind.FERRITE, MOMENT, file);
        assertThat(file).hasBinaryContent(good);
        try (SnapshotWriter writer = SnapshotWriter.create(file)) {
            writer.section(SnapshotFormat.MACHINE, new byte[100]);
        }                                              // no commit: the save has failed
        assertThat(file).hasBinaryContent(good);
        assertThat(directory.resolve("good.snap.partial")).doesNotExist();
    }

    /** As on a full disk, the first write fails. */
    @Test
    void nothingStaysBehindIfNotEvenTheHeaderCanBeWritten() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> SnapshotWriter.create(file)).isInstanceOf(IOException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(directory.resolve("good.snap.partial")).doesNotExist();
    }

    /** For root, a file that is moved over a device would replace it. */
    @Test
    void whatIsNoFileIsNotReplaced() throws IOException {
        Path socket = directory.resolve("socket");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            for (Path file : List.of(socket, directory)) {
                assertThatThrownBy(() -> save(BoardKind.FERRITE, MOMENT, file)).isInstanceOf(IOException.class)
                        .hasMessage("the snapshot " + file
                                + " was not made: it is there already, and is not a file that could be replaced");
            }
            assertThat(Files.readAttributes(socket, BasicFileAttributes.class).isOther()).isTrue();
        }
        Path nowhere = directory.resolve("nowhere").resolve("s.snap");
        assertThatThrownBy(() -> save(BoardKind.FERRITE, MOMENT, nowhere)).isInstanceOf(IOException.class)
                .hasMessage("the snapshot " + nowhere + " was not made: no file can be made there");
    }

    @Test
    void aLinkIsReplacedAndNotFollowed() throws IOException {
        Path secret = Files.writeString(directory.resolve("secret"), "secret");
        for (String name : List.of("link.snap", "link.snap.partial")) {
            Files.createSymbolicLink(directory.resolve(name), secret);
        }
        save(BoardKind.FERRITE, MOMENT, directory.resolve("link.snap"));
        assertThat(secret).hasContent("secret");
        assertThat(Files.isSymbolicLink(directory.resolve("link.snap"))).isFalse();
        assertThat(directory.resolve("link.snap")).hasBinaryContent(good);
    }

    @Test
    void theMonitorsNamesStayInTheDirectory() {
        SnapshotPlan plan = new SnapshotPlan(directory, List.of());
        assertThat(plan.file("a-1.snap")).isEqualTo(directory.resolve("a-1.snap"));
        for (String name : List.of("", ".", "..", "../a", "/a", "a/b", "a\\b", ".hidden", "a b", "a\0", "-a",
                "\u00e4", "x".repeat(101))) {
            assertThatThrownBy(() -> plan.file(name)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("is no name for a snapshot");
        }
        assertThatThrownBy(() -> SnapshotPlan.none().file("a")).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--snapshots DIR");
    }
}
