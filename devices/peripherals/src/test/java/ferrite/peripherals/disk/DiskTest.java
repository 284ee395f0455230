package ferrite.peripherals.disk;

import static ferrite.peripherals.disk.DiskRegisters.DONE;
import static ferrite.peripherals.disk.DiskRegisters.FAILED;
import static ferrite.peripherals.disk.DiskRegisters.FLUSH;
import static ferrite.peripherals.disk.DiskRegisters.READ;
import static ferrite.peripherals.disk.DiskRegisters.SECTOR_BYTES;
import static ferrite.peripherals.disk.DiskRegisters.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.Seed;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.state.StateException;
import ferrite.hardware.state.StateWriter;
import ferrite.peripherals.medium.DiskImage;
import ferrite.peripherals.medium.Drive;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The disk controller as software sees it, with a real DMA controller at its request line. */
class DiskTest {

    private static final int SECTORS = 300;

    @TempDir
    private Path directory;

    private byte[] content(long seed) {
        byte[] bytes = new byte[SECTORS * SECTOR_BYTES];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private Path file(long seed) throws IOException {
        return Files.write(directory.resolve("disk" + seed), content(seed));
    }

    private DiskRig rig() throws IOException {
        return new DiskRig(DiskImage.open(file(1), false), DiskImage.open(file(2), true));
    }

    private static byte[] sectors(byte[] content, int lba, int count) {
        return Arrays.copyOfRange(content, lba * SECTOR_BYTES, (lba + count) * SECTOR_BYTES);
    }

    private static void requireFailed(DiskRig rig, int error) {
        assertThat(rig.load(DiskRegisters.STATUS)).isEqualTo(DONE | FAILED);
        assertThat(rig.load(DiskRegisters.ERROR)).isEqualTo(error);
        assertThat(rig.interrupt).isTrue();
    }

    @Test
    void itTellsHowManyDrivesThereAreAndHowLargeAndWhatMayBeWritten() throws IOException {
        DiskRig rig = rig();
        assertThat(rig.load(DiskRegisters.DRIVES)).isEqualTo(2);
        assertThat(rig.load(DiskRegisters.CAPACITY)).isEqualTo(SECTORS);
        assertThat(rig.load(DiskRegisters.FLAGS)).isZero();
        rig.store(DiskRegisters.SELECT, 1);
        assertThat(rig.load(DiskRegisters.FLAGS)).isEqualTo(DiskRegisters.FLAG_READ_ONLY);
        rig.store(DiskRegisters.SELECT, 2);
        assertThat(rig.load(DiskRegisters.CAPACITY)).isZero();
        assertThat(rig.load(DiskRegisters.FLAGS)).isZero();
        assertThat(new DiskRig().load(DiskRegisters.DRIVES)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "0, 128", "299, 1", "17, 100", "172, 128"})
    void aReadPutsTheSectorsIntoMemoryAndInterrupts(int lba, int count) throws IOException {
        DiskRig rig = rig();
        rig.request(READ, lba, count);
        assertThat(rig.load(DiskRegisters.STATUS)).isEqualTo(DiskRegisters.BUSY);
        assertThat(rig.interrupt).isFalse();
        rig.finish();
        assertThat(rig.load(DiskRegisters.STATUS)).isEqualTo(DONE);
        assertThat(rig.load(DiskRegisters.ERROR)).isEqualTo(DiskRegisters.NO_ERROR);
        assertThat(rig.interrupt).isTrue();
        assertThat(rig.buffer(count * SECTOR_BYTES)).isEqualTo(sectors(content(1), lba, count));
        rig.store(DiskRegisters.STATUS, DONE);
        assertThat(rig.load(DiskRegisters.STATUS)).isZero();
        assertThat(rig.interrupt).isFalse();
    }

    @Test
    void theDriveThatWasSelectedAtTheCommandIsRead() throws IOException {
        DiskRig rig = rig();
        rig.store(DiskRegisters.SELECT, 1);
        rig.request(READ, 5, 2);
        rig.store(DiskRegisters.SELECT, 0);
        assertThat(rig.disk.name()).isEqualTo("disk1");
        rig.finish();
        assertThat(rig.buffer(2 * SECTOR_BYTES)).isEqualTo(sectors(content(2), 5, 2));
        assertThat(rig.disk.name()).isEqualTo("disk0");
    }

    @Test
    void terminalCountEndsARequestThatAskedForMore() throws IOException {
        DiskRig rig = rig();
        rig.openChannel(3 * SECTOR_BYTES + 7, true);
        rig.command(READ, 10, 200);
        rig.finish();
        assertThat(rig.load(DiskRegisters.STATUS)).isEqualTo(DONE);
        assertThat(rig.buffer(3 * SECTOR_BYTES + 7))
                .isEqualTo(Arrays.copyOf(sectors(content(1), 10, 4), 3 * SECTOR_BYTES + 7));
        assertThat(rig.bus.peek(DiskRig.BUFFER + 3 * SECTOR_BYTES + 7, 1)).as("the byte after the buffer").isZero();
    }

    @Test
    void aRequestOfMoreThanSixtyFourKibibytesGoesOnWhenTheChannelIsSetUpAgain() throws IOException {
        DiskRig rig = rig();
        rig.request(READ, 0, 129);
        rig.finish();
        assertThat(rig.load(DiskRegisters.STATUS)).as("the channel counted 64 KiB").isEqualTo(DONE);
        assertThat(rig.buffer(0x1_0000)).isEqualTo(sectors(content(1), 0, 128));
    }

    @ParameterizedTest
    @CsvSource({"0, 301", "300, 1", "299, 2", "-1, 1", "-1, -1", "1, -1", "2147483647, 1"})
    void sectorsBehindTheEndAreRefused(int lba, int count) throws IOException {
        DiskRig rig = rig();
        rig.command(READ, lba, count);
        requireFailed(rig, DiskRegisters.OUT_OF_BOUNDS);
        rig.finish();
        requireFailed(rig, DiskRegisters.OUT_OF_BOUNDS);
    }

    @Test
    void requestsThatMakeNoSenseAreRefused() throws IOException {
        DiskRig rig = rig();
        rig.command(READ, 0, 0);
        requireFailed(rig, DiskRegisters.BAD_REQUEST);
        rig.command(99, 0, 1);
        requireFailed(rig, DiskRegisters.BAD_REQUEST);
        rig.store(DiskRegisters.SELECT, 2);
        rig.command(READ, 0, 1);
        requireFailed(rig, DiskRegisters.BAD_REQUEST);
        rig.command(FLUSH, 0, 0);
        requireFailed(rig, DiskRegisters.BAD_REQUEST);
    }

    @Test
    void aCommandThatIsGivenWhileOneRunsIsLost() throws IOException {
        DiskRig rig = rig();
        rig.request(READ, 0, 1);
        rig.command(READ, 100, 1);
        rig.finish();
        assertThat(rig.load(DiskRegisters.STATUS)).isEqualTo(DONE);
        assertThat(rig.buffer(SECTOR_BYTES)).isEqualTo(sectors(content(1), 0, 1));
    }

    @Test
    void aLineThatNobodyAnswersTimesOut() throws IOException {
        DiskRig rig = rig();
        rig.command(READ, 0, 1);
        rig.finish();
        requireFailed(rig, DiskRegisters.DMA_TIMEOUT);
        rig.request(READ, 0, 1);
        rig.finish();
        assertThat(rig.load(DiskRegisters.STATUS)).as("the next request is not hurt").isEqualTo(DONE);
    }

    @Test
    void aMediumThatIsGoneFailsTheRequest() throws IOException {
        DiskRig rig = rig();
        Files.delete(directory.resolve("disk1"));
        rig.request(READ, 0, 1);
        rig.finish();
        requireFailed(rig, DiskRegisters.MEDIUM);
    }

    // ---- writing ----

    @Test
    void whatIsWrittenIsReadBackAtOnceAndIsOnTheHostAfterAFlush() throws IOException {
        DiskRig rig = rig();
        byte[] sent = sectors(content(9), 0, 20);
        rig.fillBuffer(sent);
        rig.request(WRITE, 50, 20);
        rig.finish();
        assertThat(rig.load(DiskRegisters.STATUS)).isEqualTo(DONE);
        assertThat(Files.readAllBytes(directory.resolve("disk1"))).isEqualTo(content(1));

        rig.fillBuffer(new byte[22 * SECTOR_BYTES]);
        rig.request(READ, 49, 22);
        rig.finish();
        byte[] expected = sectors(content(1), 49, 22);
        System.arraycopy(sent, 0, expected, SECTOR_BYTES, sent.length);
        assertThat(rig.buffer(22 * SECTOR_BYTES)).isEqualTo(expected);

        rig.command(FLUSH, 0, 0);
        assertThat(rig.load(DiskRegisters.STATUS)).isEqualTo(DiskRegisters.BUSY);
        rig.finish();
        assertThat(rig.load(DiskRegisters.STATUS)).isEqualTo(DONE);
        byte[] onHost = content(1);
        System.arraycopy(sent, 0, onHost, 50 * SECTOR_BYTES, sent.length);
        assertThat(Files.readAllBytes(directory.resolve("disk1"))).isEqualTo(onHost);
    }

    @Test
    void aWriteThatTerminalCountCutsKeepsWholeSectors() throws IOException {
        DiskRig rig = rig();
        rig.fillBuffer(sectors(content(9), 0, 3));
        rig.openChannel(2 * SECTOR_BYTES + 100, false);
        rig.command(WRITE, 7, 3);
        rig.finish();
        rig.command(FLUSH, 0, 0);
        rig.finish();
        byte[] expected = content(1);
        System.arraycopy(content(9), 0, expected, 7 * SECTOR_BYTES, 2 * SECTOR_BYTES);
        assertThat(Files.readAllBytes(directory.resolve("disk1"))).isEqualTo(expected);
    }

    @Test
    void aProtectedDriveIsNotWritten() throws IOException {
        DiskRig rig = rig();
        rig.store(DiskRegisters.SELECT, 1);
        rig.request(WRITE, 0, 1);
        requireFailed(rig, DiskRegisters.READ_ONLY);
        rig.finish();
        assertThat(Files.readAllBytes(directory.resolve("disk2"))).isEqualTo(content(2));
    }

    @Test
    void aFlushThatTheMediumRefusesFailsAndLosesNothing() throws IOException {
        DiskRig rig = rig();
        rig.fillBuffer(sectors(content(9), 0, 1));
        rig.request(WRITE, 0, 1);
        rig.finish();
        Path moved = Files.move(directory.resolve("disk1"), directory.resolve("elsewhere"));
        rig.command(FLUSH, 0, 0);
        rig.finish();
        requireFailed(rig, DiskRegisters.MEDIUM);
        Files.move(moved, directory.resolve("disk1"));
        rig.command(FLUSH, 0, 0);
        rig.finish();
        assertThat(rig.load(DiskRegisters.STATUS)).isEqualTo(DONE);
        assertThat(Arrays.copyOf(Files.readAllBytes(directory.resolve("disk1")), SECTOR_BYTES))
                .isEqualTo(sectors(content(9), 0, 1));
    }

    @Test
    void aWriteThatTheCacheCannotHoldIsRefused() throws IOException {
        Path large = directory.resolve("large");
        try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
            file.setLength((Drive.CACHE_SECTORS + 1L) * SECTOR_BYTES);
        }
        DiskRig rig = new DiskRig(DiskImage.open(large, false));
        rig.command(WRITE, 0, Drive.CACHE_SECTORS + 1);
        requireFailed(rig, DiskRegisters.CACHE_FULL);
    }

    // ---- the bus and the state ----

    @ParameterizedTest
    @ValueSource(ints = {DiskRegisters.COMMAND, 0x24, 0xffc})
    void nothingElseCanBeRead(int offset) throws IOException {
        DiskRig rig = rig();
        assertThatThrownBy(() -> rig.load(offset)).isInstanceOf(BusFault.class)
                .hasMessageContaining("no register to read here");
    }

    @ParameterizedTest
    @ValueSource(ints = {DiskRegisters.DRIVES, DiskRegisters.CAPACITY, DiskRegisters.ERROR, DiskRegisters.FLAGS, 0x24})
    void nothingElseCanBeWritten(int offset) throws IOException {
        DiskRig rig = rig();
        assertThatThrownBy(() -> rig.store(offset, 1)).isInstanceOf(BusFault.class)
                .hasMessageContaining("no register to write here");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void registersAreWords(int width) throws IOException {
        DiskRig rig = rig();
        assertThatThrownBy(() -> rig.disk.load(0, width)).isInstanceOf(BusFault.class)
                .hasMessageContaining(8 * width + "-bit");
        assertThatThrownBy(() -> rig.disk.store(DiskRegisters.LBA, width, 0)).isInstanceOf(BusFault.class);
        assertThatThrownBy(() -> rig.disk.peek(0, width)).isInstanceOf(BusFault.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void aRequestThatWasSavedOnItsWayComesToTheSameEndAgain(int events) throws IOException {
        DiskRig rig = rig();
        rig.request(READ, 33, 128);
        rig.step(events);
        Ram.Image ram = rig.bus.takeImage();
        byte[] saved = rig.save();
        rig.finish();
        byte[] first = rig.buffer(0x1_0000);
        long end = rig.clock.now();
        for (int again = 0; again < 2; again++) {
            rig.interrupt = false;
            rig.bus.restoreImage(ram);
            rig.restore(saved);
            rig.finish();
            assertThat(rig.buffer(0x1_0000)).isEqualTo(first).isEqualTo(sectors(content(1), 33, 128));
            assertThat(rig.clock.now()).isEqualTo(end);
            assertThat(rig.load(DiskRegisters.STATUS)).isEqualTo(DONE);
        }
    }

    @Test
    void besideMediaWhatWasFlushedStaysAndTheWriteCacheIsWhatItWas() throws IOException {
        DiskRig rig = rig();
        byte[] atPowerOn = rig.saveBesideMedia();
        byte[] written = new byte[512];
        Arrays.fill(written, (byte) 0x5a);
        write(rig, 5, written);
        rig.command(DiskRegisters.FLUSH, 0, 0);
        rig.finish();
        write(rig, 6, written);
        byte[] withCache = rig.saveBesideMedia();
        rig.restoreBesideMedia(atPowerOn);
        assertThat(read(rig, 5)).isEqualTo(written);
        assertThat(read(rig, 6)).isEqualTo(sectors(content(1), 6, 1));
        rig.restoreBesideMedia(withCache);
        assertThat(read(rig, 6)).isEqualTo(written);
    }

    private static void write(DiskRig rig, int sector, byte[] bytes) {
        rig.fillBuffer(bytes);
        rig.request(DiskRegisters.WRITE, sector, 1);
        rig.finish();
        rig.store(DiskRegisters.STATUS, DONE);
    }

    private static byte[] read(DiskRig rig, int sector) {
        rig.request(READ, sector, 1);
        rig.finish();
        rig.store(DiskRegisters.STATUS, DONE);
        return rig.buffer(512);
    }

    @Test
    void aSavedRequestThatCannotBeIsRefused() throws IOException {
        DiskRig rig = rig();
        rig.request(READ, 33, 1);
        rig.step(1);
        byte[] saved = rig.saveBesideMedia();
        DiskRig other = rig();
        other.restoreBesideMedia(saved);
        int refused = 0;
        for (int at = 0; at < saved.length - 3; at += 4) {
            byte[] hostile = saved.clone();
            Arrays.fill(hostile, at, at + 4, (byte) 0x7f);
            try {
                other.restoreBesideMedia(hostile);
            } catch (StateException e) {
                refused++;
                assertThat(e.getMessage()).isNotBlank();
            }
        }
        assertThat(refused).isGreaterThan(20);
    }

    @Test
    void aSavedRequestToWriteWhatCannotBeWrittenIsRefused() throws IOException {
        DiskRig rig = rig();
        rig.store(DiskRegisters.SELECT, 1);
        rig.request(READ, 33, 1);
        byte[] saved = rig.saveBesideMedia();
        StateWriter clock = new StateWriter();
        rig.clock.save(clock);
        saved[clock.toBytes().length + 8 * 4] = 1;     // the word after the registers: the disk is writing
        assertThatThrownBy(() -> rig.restoreBesideMedia(saved)).isInstanceOf(StateException.class)
                .hasMessage("drive 1 cannot take the 1 sectors of its write request");
    }

    @Test
    void randomAccessesGiveNothingWorseThanABusFault() throws IOException {
        long seed = Seed.fresh().value();
        Random random = new Random(seed);
        DiskRig rig = rig();
        for (int i = 0; i < 20_000; i++) {
            int offset = 4 * random.nextInt(11);
            int value = switch (random.nextInt(4)) {
                case 0 -> random.nextInt();
                case 1 -> random.nextInt(SECTORS + 2);
                default -> random.nextInt(5);
            };
            try {
                switch (random.nextInt(6)) {
                    case 0 -> rig.load(offset);
                    case 1 -> rig.openChannel(1 + random.nextInt(3000), random.nextBoolean());
                    case 2 -> rig.step(random.nextInt(4));
                    default -> rig.store(offset, value);
                }
            } catch (BusFault expected) {
                assertThat(expected.getMessage()).isNotBlank();
            }
        }
        rig.finish();
        assertThat(rig.load(DiskRegisters.STATUS) & DiskRegisters.BUSY).as("seed " + seed).isZero();
    }
}
