package ferrite.peripherals.virtio;

import static ferrite.peripherals.virtio.VirtioBlockRegisters.S_IOERR;
import static ferrite.peripherals.virtio.VirtioBlockRegisters.S_OK;
import static ferrite.peripherals.virtio.VirtioBlockRegisters.S_UNSUPP;
import static ferrite.peripherals.virtio.VirtioBlockRegisters.T_FLUSH;
import static ferrite.peripherals.virtio.VirtioBlockRegisters.T_GET_ID;
import static ferrite.peripherals.virtio.VirtioBlockRegisters.T_IN;
import static ferrite.peripherals.virtio.VirtioBlockRegisters.T_OUT;
import static ferrite.peripherals.virtio.VirtioBlockRegisters.T_WRITE_ZEROES;
import static ferrite.peripherals.virtio.VirtioRig.BUFFER;
import static ferrite.peripherals.virtio.VirtioRig.NEXT;
import static ferrite.peripherals.virtio.VirtioRig.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.Ram;
import ferrite.peripherals.fault.DeviceFaults;
import ferrite.peripherals.fault.Fault;
import ferrite.peripherals.medium.DiskImage;
import ferrite.peripherals.medium.Drive;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The block device as a driver sees it (section 5.2), on a host file. */
class VirtioBlockTest {

    private static final int SECTOR = 512;
    private static final int SECTORS = 600;
    private static final long FLUSH = 1L << VirtioBlockRegisters.F_FLUSH;
    private static final long WRITE_ZEROES = 1L << VirtioBlockRegisters.F_WRITE_ZEROES;
    private static final int NOT_WRITTEN = 0xee;

    private static final long HEADER = BUFFER;
    private static final long STATUS = BUFFER + 0x100;
    private static final long DATA = BUFFER + 0x1000;

    @TempDir
    private Path directory;
    private Path file;
    private byte[] content;
    private VirtioRig rig;

    @BeforeEach
    void makeDisk() throws IOException {
        content = random(1, SECTORS * SECTOR);
        file = Files.write(directory.resolve("disk"), content);
        rig = rig(file, false).start(FLUSH | WRITE_ZEROES);
    }

    private static byte[] random(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static VirtioRig rig(Path file, boolean readOnly) throws IOException {
        DiskImage image = DiskImage.open(file, readOnly);
        return new VirtioRig(clock -> new VirtioBlock("disk0", image));
    }

    private static byte[] header(int type, long sector) {
        return ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putInt(type).putInt(0).putLong(sector).array();
    }

    /** Sends header, data and status in a descriptor each. */
    private void send(int type, long sector, int bytes, boolean toMemory) {
        rig.fill(HEADER, header(type, sector));
        rig.fill(STATUS, new byte[] {(byte) NOT_WRITTEN});
        long table = VirtioRig.table(0);
        rig.descriptor(table, 0, HEADER, 16, NEXT, bytes == 0 ? 2 : 1);
        rig.descriptor(table, 1, DATA, bytes, NEXT | (toMemory ? WRITE : 0), 2);
        rig.descriptor(table, 2, STATUS, 1, WRITE, 0);
        rig.send(0, 0);
    }

    private int request(int type, long sector, int bytes) {
        send(type, sector, bytes, type == T_IN || type == T_GET_ID);
        assertThat(rig.bytes(STATUS, 1)[0] & 0xff).as("it takes time").isEqualTo(NOT_WRITTEN);
        rig.finish();
        assertThat(rig.needsReset()).as(rig.transport.broken()).isFalse();
        return rig.bytes(STATUS, 1)[0];
    }

    private int length() {
        return rig.usedLength(0, rig.used(0) - 1);
    }

    private static byte[] sectors(byte[] content, int first, int count) {
        return Arrays.copyOfRange(content, first * SECTOR, (first + count) * SECTOR);
    }

    // ---- kind, features and configuration ----

    @Test
    void itReadsAsOnesOfEachWidthAfterItWasPulledOutAndInterruptsNobody() throws IOException {
        DiskImage image = DiskImage.open(file, false);
        rig = new VirtioRig(clock -> new VirtioBlock("disk0", image,
                DeviceFaults.of("vda", List.of(Fault.parse("vda=removed@2")), 0))).start(FLUSH);
        request(T_IN, 0, SECTOR);
        assertThat(rig.interrupt).isTrue();
        send(T_IN, 0, SECTOR, true);
        assertThat(rig.interrupt).isFalse();
        for (int width : new int[] {1, 2, 4}) {
            assertThat(rig.bus.load(rig.hart, VirtioRig.SLOT + VirtioRegisters.CONFIG, width))
                    .isEqualTo((int) ((1L << 8 * width) - 1));
        }
        rig.finish();
        assertThat(rig.interrupt).isFalse();
    }

    @Test
    void itTellsItsSizeAndWhatItCan() throws IOException {
        assertThat(rig.load(VirtioRegisters.DEVICE_ID)).isEqualTo(2);
        rig.store(VirtioRegisters.DEVICE_FEATURES_SEL, 0);
        assertThat(rig.load(VirtioRegisters.DEVICE_FEATURES) & 0xff_ffff).isEqualTo(1 << 2 | 1 << 6 | 1 << 9 | 1 << 14);
        assertThat(rig.load(0x100)).as("capacity").isEqualTo(SECTORS);
        assertThat(rig.load(0x104)).isZero();
        assertThat(rig.load(0x10c)).as("seg_max").isEqualTo(126);
        assertThat(rig.load(0x114)).as("blk_size").isEqualTo(SECTOR);
        assertThat(rig.load(0x130)).as("max_write_zeroes_sectors").isEqualTo(1 << 15);
        assertThat(rig.load(0x134)).as("max_write_zeroes_seg").isEqualTo(1);
        assertThat(rig.bus.load(rig.hart, VirtioRig.SLOT + 0x115, 1)).as("in any width").isEqualTo(2);
        assertThat(rig.bus.load(rig.hart, VirtioRig.SLOT + 0x114, 2)).isEqualTo(SECTOR);
        assertThatThrownBy(() -> rig.load(0x13c)).isInstanceOf(BusFault.class).hasMessageContaining("has 60 bytes");

        VirtioRig readOnly = rig(file, true);
        readOnly.store(VirtioRegisters.DEVICE_FEATURES_SEL, 0);
        assertThat(readOnly.load(VirtioRegisters.DEVICE_FEATURES) & 0xff_ffff)
                .isEqualTo(1 << 2 | 1 << 5 | 1 << 6 | 1 << 9);
    }

    @Test
    void aCapacityMayHaveMoreThanThirtyTwoBits() throws IOException {
        Path large = directory.resolve("large");
        try (RandomAccessFile sparse = new RandomAccessFile(large.toFile(), "rw")) {
            sparse.setLength(1L << 40);
        }
        rig = rig(large, true).start(FLUSH);
        assertThat(rig.load(0x100)).isEqualTo(1 << 31);
        assertThat(request(T_IN, (1L << 31) - 1, SECTOR)).isEqualTo(S_OK);
        assertThat(request(T_IN, 1L << 31, SECTOR)).isEqualTo(S_IOERR);
    }

    // ---- reading and writing ----

    @ParameterizedTest
    @CsvSource({"0, 1", "599, 1", "17, 100", "0, 128", "3, 129", "0, 600"})
    void aReadBringsTheSectorsHoweverManyPiecesItTakes(int sector, int count) {
        assertThat(request(T_IN, sector, count * SECTOR)).isEqualTo(S_OK);
        assertThat(length()).isEqualTo(count * SECTOR + 1);
        assertThat(rig.bytes(DATA, count * SECTOR)).isEqualTo(sectors(content, sector, count));
        assertThat(rig.bytes(DATA + count * SECTOR, 16)).containsOnly(0);
        assertThat(rig.acknowledge()).isTrue();
    }

    @Test
    void whatIsWrittenIsReadBackAtOnceAndIsOnTheHostAfterAFlush() throws IOException {
        byte[] sent = random(2, 300 * SECTOR);
        rig.fill(DATA, sent);
        assertThat(request(T_OUT, 50, sent.length)).isEqualTo(S_OK);
        assertThat(length()).isEqualTo(1);
        assertThat(Files.readAllBytes(file)).isEqualTo(content);
        rig.fill(DATA, new byte[sent.length]);
        assertThat(request(T_IN, 50, sent.length)).isEqualTo(S_OK);
        assertThat(rig.bytes(DATA, sent.length)).isEqualTo(sent);
        assertThat(request(T_FLUSH, 0, 0)).isEqualTo(S_OK);
        System.arraycopy(sent, 0, content, 50 * SECTOR, sent.length);
        assertThat(Files.readAllBytes(file)).isEqualTo(content);
    }

    @Test
    void toADriverThatHasNotAcceptedFlushesWhatIsWrittenIsWrittenForGood() throws IOException {
        rig.start(0);
        rig.setAvailable(0, 0);
        rig.fill(DATA, random(2, SECTOR));
        assertThat(request(T_OUT, 7, SECTOR)).isEqualTo(S_OK);
        System.arraycopy(random(2, SECTOR), 0, content, 7 * SECTOR, SECTOR);
        assertThat(Files.readAllBytes(file)).isEqualTo(content);
    }

    @Test
    void headerAndDataMayBeCutAnywhere() {
        rig.fill(HEADER, header(T_IN, 4));
        long table = VirtioRig.table(0);
        rig.descriptor(table, 0, HEADER, 5, NEXT, 1);
        rig.descriptor(table, 1, HEADER + 5, 0, NEXT, 2);
        rig.descriptor(table, 2, HEADER + 5, 11, NEXT, 3);
        rig.descriptor(table, 3, DATA, 3, NEXT | WRITE, 4);
        rig.descriptor(table, 4, DATA + 3, 2 * SECTOR - 3 + 1, NEXT | WRITE, 5);
        rig.descriptor(table, 5, DATA, 0, WRITE, 0);
        rig.fill(DATA + 2 * SECTOR, new byte[] {(byte) NOT_WRITTEN});
        rig.send(0, 0);
        rig.finish();
        assertThat(rig.bytes(DATA, 2 * SECTOR)).isEqualTo(sectors(content, 4, 2));
        assertThat(rig.bytes(DATA + 2 * SECTOR, 1)[0]).as("the status is the last byte, wherever that is")
                .isEqualTo((byte) S_OK);
        assertThat(rig.usedLength(0, 0)).isEqualTo(2 * SECTOR + 1);
    }

    @Test
    void requestsAreServedInTheirOrder() {
        byte[] sent = random(3, SECTOR);
        long table = VirtioRig.table(0);
        rig.fill(DATA, sent);
        for (int i = 0; i < 2; i++) {
            rig.fill(HEADER + 16 * i, header(i == 0 ? T_OUT : T_IN, 9));
            rig.descriptor(table, 3 * i, HEADER + 16 * i, 16, NEXT, 3 * i + 1);
            rig.descriptor(table, 3 * i + 1, DATA + i * SECTOR, SECTOR, NEXT | (i == 0 ? 0 : WRITE), 3 * i + 2);
            rig.descriptor(table, 3 * i + 2, STATUS + i, 1, WRITE, 0);
            rig.offer(0, 3 * i);
        }
        rig.notifyDevice(0);
        rig.finish();
        assertThat(rig.usedId(0, 0)).isZero();
        assertThat(rig.usedId(0, 1)).isEqualTo(3);
        assertThat(rig.bytes(DATA + SECTOR, SECTOR)).isEqualTo(sent);
    }

    @Test
    void itTellsItsName() {
        rig.fill(DATA, random(1, 64));
        assertThat(request(T_GET_ID, 0, 20)).isEqualTo(S_OK);
        assertThat(rig.bytes(DATA, 20)).isEqualTo(Arrays.copyOf("disk0".getBytes(StandardCharsets.US_ASCII), 20));
        assertThat(length()).isEqualTo(21);
        assertThat(request(T_GET_ID, 0, 3)).isEqualTo(S_OK);
        assertThat(request(T_GET_ID, 0, 40)).isEqualTo(S_OK);
    }

    // ---- refusals ----

    @ParameterizedTest
    @CsvSource({"600, 512", "599, 1024", "0, 307712", "-1, 512", "-9223372036854775808, 512",
            "9223372036854775807, 512", "4294967296, 512", "0, 511", "0, 513"})
    void sectorsThatAreNotThereAndHalvesOfSectorsAreErrors(long sector, int bytes) throws IOException {
        assertThat(request(T_IN, sector, bytes)).isEqualTo(S_IOERR);
        assertThat(rig.bytes(DATA, 0x4_0000)).as("nothing was written").containsOnly(0);
        assertThat(request(T_OUT, sector, bytes)).isEqualTo(S_IOERR);
        request(T_FLUSH, 0, 0);
        assertThat(Files.readAllBytes(file)).isEqualTo(content);
    }

    @Test
    void aProtectedDiskIsNotWritten() throws IOException {
        rig = rig(file, true).start(1L << VirtioBlockRegisters.F_RO | FLUSH);
        assertThat(request(T_OUT, 0, SECTOR)).isEqualTo(S_IOERR);
        assertThat(request(T_WRITE_ZEROES, 0, 16)).isEqualTo(S_UNSUPP);
        assertThat(request(T_FLUSH, 0, 0)).isEqualTo(S_OK);
        assertThat(request(T_IN, 0, SECTOR)).isEqualTo(S_OK);
        assertThat(rig.bytes(DATA, SECTOR)).isEqualTo(sectors(content, 0, 1));
        assertThat(Files.readAllBytes(file)).isEqualTo(content);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5, 7, 10, 11, 14, 99, -1, 0x8000_0000})
    void requestsThatItDoesNotKnowAreUnsupported(int type) {
        assertThat(request(type, 0, SECTOR)).isEqualTo(S_UNSUPP);
    }

    @Test
    void aRequestWithoutHeaderOrStatusIsTheDriversMistake() {
        for (int[] lengths : new int[][] {{15, 1}, {16, 0}}) {
            rig.setAvailable(0, 0);
            rig.start(FLUSH);
            rig.descriptor(VirtioRig.table(0), 0, HEADER, lengths[0], NEXT, 1);
            rig.descriptor(VirtioRig.table(0), 1, STATUS, lengths[1], WRITE, 0);
            rig.send(0, 0);
            assertThat(rig.needsReset()).isTrue();
            assertThat(rig.transport.broken()).contains(lengths[0] + " bytes to read, and " + lengths[1] + " to write");
        }
    }

    // ---- zeroes ----

    private int writeZeroes(long sector, int sectors, int flags, int bytes) {
        rig.fill(DATA, ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putLong(sector).putInt(sectors)
                .putInt(flags).array());
        return request(T_WRITE_ZEROES, 0, bytes);
    }

    @Test
    void zeroesAreWrittenWhereTheyAreAskedFor() throws IOException {
        assertThat(writeZeroes(10, 3, 0, 16)).isEqualTo(S_OK);
        assertThat(writeZeroes(20, 1, 1, 16)).as("unmap is only a wish").isEqualTo(S_OK);
        assertThat(writeZeroes(598, 3, 0, 16)).isEqualTo(S_IOERR);
        assertThat(writeZeroes(-1, 1, 0, 16)).isEqualTo(S_IOERR);
        assertThat(writeZeroes(0, -1, 0, 16)).isEqualTo(S_IOERR);
        assertThat(writeZeroes(0, 0x7fff_ffff, 0, 16)).isEqualTo(S_IOERR);
        assertThat(writeZeroes(0, 1, 2, 16)).as("flags that nobody knows").isEqualTo(S_UNSUPP);
        assertThat(writeZeroes(0, 1, 0, 32)).as("two segments").isEqualTo(S_IOERR);
        assertThat(writeZeroes(0, 1, 0, 8)).isEqualTo(S_IOERR);
        assertThat(request(T_FLUSH, 0, 0)).isEqualTo(S_OK);
        Arrays.fill(content, 10 * SECTOR, 13 * SECTOR, (byte) 0);
        Arrays.fill(content, 20 * SECTOR, 21 * SECTOR, (byte) 0);
        assertThat(Files.readAllBytes(file)).isEqualTo(content);
        rig.setAvailable(0, 0);
        rig.start(FLUSH);
        assertThat(writeZeroes(0, 1, 0, 16)).as("without the feature").isEqualTo(S_UNSUPP);
    }

    // ---- the medium ----

    @Test
    void aMediumThatIsGoneIsAnErrorAndLosesNothing() throws IOException {
        rig.fill(DATA, random(2, SECTOR));
        assertThat(request(T_OUT, 0, SECTOR)).isEqualTo(S_OK);
        Path moved = Files.move(file, directory.resolve("elsewhere"));
        assertThat(request(T_IN, 0, SECTOR)).isEqualTo(S_IOERR);
        assertThat(request(T_FLUSH, 0, 0)).isEqualTo(S_IOERR);
        Files.move(moved, file);
        assertThat(request(T_FLUSH, 0, 0)).isEqualTo(S_OK);
        assertThat(Arrays.copyOf(Files.readAllBytes(file), SECTOR)).isEqualTo(random(2, SECTOR));
    }

    @Test
    void aFullCacheMakesRoomByItself() throws IOException {
        Path large = directory.resolve("large");
        try (RandomAccessFile sparse = new RandomAccessFile(large.toFile(), "rw")) {
            sparse.setLength((Drive.CACHE_SECTORS + 2L) * SECTOR);
        }
        rig = rig(large, false).start(FLUSH | WRITE_ZEROES);
        rig.fill(DATA, random(2, SECTOR));
        assertThat(request(T_OUT, 0, SECTOR)).isEqualTo(S_OK);
        for (int sector = 0; sector < Drive.CACHE_SECTORS; sector += 1 << 15) {
            assertThat(writeZeroes(1 + sector, Math.min(1 << 15, Drive.CACHE_SECTORS - sector), 0, 16)).isEqualTo(S_OK);
        }
        try (RandomAccessFile written = new RandomAccessFile(large.toFile(), "r")) {
            byte[] first = new byte[SECTOR];
            written.readFully(first);
            assertThat(first).as("it had to go to the medium").isEqualTo(random(2, SECTOR));
        }
    }

    // ---- state ----

    @ParameterizedTest
    @CsvSource({"0, 0", "0, 1", "0, 3", "1, 0", "1, 1", "1, 3", "4, 0", "4, 1"})
    void aRequestThatWasSavedOnItsWayComesToTheSameEndAgain(int type, int steps) throws IOException {
        int bytes = type == T_FLUSH ? 0 : 500 * SECTOR;
        rig.fill(DATA, random(4, 500 * SECTOR));
        assertThat(request(T_OUT, 3, SECTOR)).isEqualTo(S_OK);
        send(type, 40, bytes, type == T_IN);
        for (int i = 0; i < steps; i++) {
            rig.step();
        }
        Ram.Image ram = rig.bus.takeImage();
        byte[] saved = rig.save();
        rig.finish();
        byte[] memory = rig.bytes(VirtioRig.RAM, VirtioRig.RAM_BYTES);
        long end = rig.clock.now();
        assertThat(request(T_FLUSH, 0, 0)).isEqualTo(S_OK);
        byte[] onHost = Files.readAllBytes(file);
        for (int again = 0; again < 2; again++) {
            rig.bus.restoreImage(ram);
            rig.restore(saved);
            assertThat(rig.used(0)).as("it is on its way").isEqualTo(1);
            rig.finish();
            assertThat(rig.bytes(VirtioRig.RAM, VirtioRig.RAM_BYTES)).isEqualTo(memory);
            assertThat(rig.clock.now()).isEqualTo(end);
            assertThat(request(T_FLUSH, 0, 0)).isEqualTo(S_OK);
            assertThat(Files.readAllBytes(file)).isEqualTo(onHost);
        }
    }
}
