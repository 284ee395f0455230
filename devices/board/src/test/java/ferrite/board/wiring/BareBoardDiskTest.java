package ferrite.board.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.image.GuestProgram;
import ferrite.board.layout.BoardKind;
import ferrite.board.options.BoardOptions;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.report.Violation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A reset of a bare board leaves its disks alone. The test is the driver of the first one. */
class BareBoardDiskTest {

    private static final int SECTOR = 512;
    private static final long SLOT = 0x1000_8000L;
    private static final long TABLE = 0x8010_0000L;
    private static final long DRIVER = TABLE + 0x1000;
    private static final long DEVICE = TABLE + 0x2000;
    private static final long HEADER = TABLE + 0x3000;
    private static final long STATUS = TABLE + 0x3100;
    private static final long DATA = TABLE + 0x4000;
    private static final int OUT = 1;
    private static final int FLUSH = 4;

    private final BusMaster hart = new BusMaster("hart0", 34);

    @TempDir
    private Path directory;
    private PhysicalBus bus;
    private Clock clock;

    /** A host without a program's output, input and violations. */
    static final class Nobody implements BareHost {

        @Override
        public void serialOutput(int value) { }

        @Override
        public void write(int descriptor, byte[] bytes) { }

        @Override
        public void inputWanted(boolean polled) { }

        @Override
        public void violation(Violation violation) { }
    }

    private void store(long pa, int value) {
        bus.store(hart, pa, 4, value);
    }

    private void store64(long pa, long value) {
        store(pa, (int) value);
        store(pa + 4, (int) (value >>> 32));
    }

    private void start() {
        for (int status : new int[] {0, 1, 3}) {
            store(SLOT + 0x70, status);
        }
        store(SLOT + 0x20, 1 << 9);                    // FLUSH, and VERSION_1
        store(SLOT + 0x24, 1);
        store(SLOT + 0x20, 1);
        store(SLOT + 0x70, 0xb);
        store(SLOT + 0x38, 4);
        store64(SLOT + 0x80, TABLE);
        store64(SLOT + 0x90, DRIVER);
        store64(SLOT + 0xa0, DEVICE);
        store(SLOT + 0x44, 1);
        store(SLOT + 0x70, 0xf);
    }

    private int request(int type, int sector) {
        store(HEADER, type);
        store64(HEADER + 8, sector);
        store(STATUS, 0xff);
        long[][] descriptors = {{HEADER, 16, 1 | 1 << 16}, {DATA, SECTOR, 1 | 2 << 16}, {STATUS, 1, 2}};
        if (type == FLUSH) {
            descriptors[0][2] = 1 | 2 << 16;
        }
        for (int i = 0; i < 3; i++) {
            store64(TABLE + 16 * i, descriptors[i][0]);
            store(TABLE + 16 * i + 8, (int) descriptors[i][1]);
            store(TABLE + 16 * i + 12, (int) descriptors[i][2]);
        }
        bus.store(hart, DRIVER + 2, 2, bus.load(hart, DRIVER + 2, 2) + 1);
        store(SLOT + 0x50, 0);
        while (clock.nextDue() != Long.MAX_VALUE) {
            clock.jumpTo(clock.nextDue());
            clock.fireDue();
        }
        return bus.load(hart, STATUS, 1);
    }

    @Test
    void whatWasWrittenBeforeAResetIsThereAfterItWhetherOrNotItWasFlushed() throws IOException {
        Path disk = Files.write(directory.resolve("disk"), new byte[4 * SECTOR]);
        Path program = Files.write(directory.resolve("program"), new byte[] {0x6f, 0, 0, 0});
        try (BareBoard board = BareBoard.of(new BoardOptions().kind(BoardKind.VIRT).ram(8 << 20).harts(1).disk(disk),
                new GuestProgram(program, null, ""), new Nobody())) {
            bus = board.machine().bus();
            clock = board.machine().clock();
            start();
            byte[] written = new byte[SECTOR];
            Arrays.fill(written, (byte) 0x5a);
            bus.write(hart, DATA, written, 0, SECTOR);
            assertThat(request(OUT, 1)).isZero();
            assertThat(request(FLUSH, 0)).isZero();
            assertThat(request(OUT, 2)).isZero();
            board.reset();
            assertThat(bus.load(hart, SLOT + 0x70, 4)).as("the device was reset").isZero();
            start();
            assertThat(request(FLUSH, 0)).isZero();
            byte[] onDisk = Files.readAllBytes(disk);
            for (int sector = 0; sector < 4; sector++) {
                assertThat(onDisk[sector * SECTOR]).as("sector " + sector)
                        .isEqualTo((byte) (sector == 1 || sector == 2 ? 0x5a : 0));
            }
        }
    }
}
