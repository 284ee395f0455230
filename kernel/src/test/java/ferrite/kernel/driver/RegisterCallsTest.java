package ferrite.kernel.driver;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.bus.BusDevice;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Gfp;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a device sees of the calls for registers. */
@Timeout(60)
class RegisterCallsTest {

    private static final long PA = 0xf006_0000L;

    /** Registers that hold what is written, and a list of the accesses. */
    private static final class Recorder implements BusDevice {

        private final byte[] bytes = new byte[0x1000];
        private final List<String> accesses = new ArrayList<>();
        /** Added to the first byte by each read, so that a register can be read several times. */
        private int step;

        @Override
        public int load(long offset, int width) {
            int value = peek(offset, width);
            accesses.add("load" + 8 * width + " " + offset);
            bytes[(int) offset] += (byte) step;
            return value;
        }

        @Override
        public int peek(long offset, int width) {
            int value = 0;
            for (int i = 0; i < width; i++) {
                value |= (bytes[(int) offset + i] & 0xff) << 8 * i;
            }
            return value;
        }

        @Override
        public void store(long offset, int width, int value) {
            accesses.add("store" + 8 * width + " " + offset + " "
                    + Long.toHexString(value & (1L << 8 * width) - 1).toUpperCase(Locale.ROOT));
            for (int i = 0; i < width; i++) {
                bytes[(int) offset + i] = (byte) (value >>> 8 * i);
            }
        }

        private List<String> take() {
            List<String> taken = List.copyOf(accesses);
            accesses.clear();
            return taken;
        }
    }

    private final Recorder device = new Recorder();
    private final KernelFixture fixture = KernelFixture.small();
    private final KernelCalls kernel = fixture.kernel().calls();
    private long registers;

    RegisterCallsTest() {
        fixture.machine.bus().attach("recorder", PA, device.bytes.length, device);
        fixture.run(() -> registers = kernel.ioremap(PA, device.bytes.length));
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void aWriteIsOneAccessOfItsWidthWithTheLowByteFirst() {
        fixture.run(() -> {
            kernel.writeb(0x1122_33f4, registers);
            kernel.writew(0x1122_f3f4, registers + 2);
            kernel.writel(0xf1f2_f3f4, registers + 4);
            kernel.writebRelaxed(1, registers + 8);
            kernel.writewRelaxed(2, registers + 10);
            kernel.writelRelaxed(3, registers + 12);
            kernel.iowrite8(4, registers + 16);
            kernel.iowrite16(5, registers + 18);
            kernel.iowrite32(6, registers + 20);
        });
        assertThat(device.take()).containsExactly("store8 0 F4", "store16 2 F3F4", "store32 4 F1F2F3F4", "store8 8 1",
                "store16 10 2", "store32 12 3", "store8 16 4", "store16 18 5", "store32 20 6");
        assertThat(device.bytes).startsWith(0xf4, 0, 0xf4, 0xf3, 0xf4, 0xf3, 0xf2, 0xf1);
    }

    @Test
    void aReadIsOneAccessOfItsWidthAndIsZeroExtended() {
        device.store(0, 4, 0xf1f2_f3f4);
        device.take();
        List<Integer> values = new ArrayList<>();
        fixture.run(() -> {
            values.addAll(List.of(kernel.readb(registers), kernel.readw(registers), kernel.readl(registers)));
            values.addAll(List.of(kernel.readbRelaxed(registers + 3), kernel.readwRelaxed(registers + 2),
                    kernel.readlRelaxed(registers)));
            values.addAll(List.of(kernel.ioread8(registers + 1), kernel.ioread16(registers + 2),
                    kernel.ioread32(registers)));
        });
        assertThat(values).containsExactly(0xf4, 0xf3f4, 0xf1f2_f3f4, 0xf1, 0xf1f2, 0xf1f2_f3f4, 0xf3, 0xf1f2,
                0xf1f2_f3f4);
        assertThat(device.take()).containsExactly("load8 0", "load16 0", "load32 0", "load8 3", "load16 2", "load32 0",
                "load8 1", "load16 2", "load32 0");
    }

    @Test
    void aBigEndianRegisterHasItsHighByteFirst() {
        List<Integer> values = new ArrayList<>();
        fixture.run(() -> {
            kernel.iowrite32be(0xf1f2_f3f4, registers);
            kernel.iowrite16be(0x1122_f5f6, registers + 4);
            values.addAll(List.of(kernel.ioread32be(registers), kernel.ioread16be(registers + 4),
                    kernel.ioread16be(registers), kernel.ioread32(registers)));
        });
        assertThat(device.bytes).startsWith(0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0);
        assertThat(values).containsExactly(0xf1f2_f3f4, 0xf5f6, 0xf1f2, 0xf4f3_f2f1);
        assertThat(device.take()).containsExactly("store32 0 F4F3F2F1", "store16 4 F6F5", "load32 0", "load16 4",
                "load16 0", "load32 0");
    }

    @Test
    void aRepeatedReadTakesEachValueOfOneRegisterIntoTheBuffer() {
        device.step = 1;
        device.store(8, 4, 0x0403_0201);
        device.take();
        byte[] read = new byte[12];
        fixture.run(() -> {
            long buffer = kernel.kzalloc(32, Gfp.GFP_KERNEL) + 1;
            kernel.ioread8Rep(registers + 8, buffer, 2);
            kernel.ioread16Rep(registers + 8, buffer + 2, 1);
            kernel.ioread32Rep(registers + 8, buffer + 4, 2);
            kernel.ioread32Rep(registers + 8, buffer, 0);
            kernel.memory().read(buffer, read, 0, read.length);
        });
        assertThat(read).containsExactly(1, 2, 3, 2, 4, 2, 3, 4, 5, 2, 3, 4);
        assertThat(device.take()).containsExactly("load8 8", "load8 8", "load16 8", "load32 8", "load32 8");
    }

    @Test
    void aRepeatedWriteGivesOneRegisterEachValueOfTheBuffer() {
        fixture.run(() -> {
            long buffer = kernel.kzalloc(32, Gfp.GFP_KERNEL) + 1;
            byte[] bytes = {1, 2, 3, 4, 5, 6, 7, 8};
            kernel.memory().write(buffer, bytes, 0, bytes.length);
            kernel.iowrite8Rep(registers + 4, buffer, 2);
            kernel.iowrite16Rep(registers + 4, buffer, 2);
            kernel.iowrite32Rep(registers + 4, buffer, 2);
        });
        assertThat(device.take()).containsExactly("store8 4 1", "store8 4 2", "store16 4 201", "store16 4 403",
                "store32 4 4030201", "store32 4 8070605");
    }

    @Test
    void memoryOfADeviceIsCopiedInWordsAndInBytesAtTheEnds() {
        byte[] read = new byte[9];
        fixture.run(() -> {
            long buffer = kernel.kzalloc(32, Gfp.GFP_KERNEL) + 2;
            byte[] bytes = {1, 2, 3, 4, 5, 6, 7, 8, 9};
            kernel.memory().write(buffer, bytes, 0, bytes.length);
            kernel.memcpyToio(registers + 3, buffer, bytes.length);
            kernel.memcpyFromio(buffer + 9, registers + 3, bytes.length);
            kernel.memory().read(buffer + 9, read, 0, read.length);
            kernel.memsetIo(registers + 30, 0x1ab, 7);
        });
        assertThat(read).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertThat(device.take()).containsExactly("store8 3 1", "store32 4 5040302", "store32 8 9080706", "load8 3",
                "load32 4", "load32 8", "store8 30 AB", "store8 31 AB", "store32 32 ABABABAB", "store8 36 AB");
    }

    /** As on RISC-V in Linux. */
    @Test
    void onlyTheRelaxedCallsDoWithoutAFence() {
        long[] ticks = new long[6];
        fixture.run(() -> {
            ticks[0] = fixture.cpu().time();
            kernel.readl(registers);
            ticks[1] = fixture.cpu().time();
            kernel.readlRelaxed(registers);
            ticks[2] = fixture.cpu().time();
            kernel.writel(0, registers);
            ticks[3] = fixture.cpu().time();
            kernel.writelRelaxed(0, registers);
            ticks[4] = fixture.cpu().time();
        });
        assertThat(ticks[1] - ticks[0]).isEqualTo(ticks[2] - ticks[1] + 1);
        assertThat(ticks[3] - ticks[2]).isEqualTo(ticks[4] - ticks[3] + 1);
    }

    /** The address names nothing, or memory that the driver has not allocated. */
    @Test
    void aPhysicalAddressIsNoAddressOfARegister() {
        assertThat(fixture.exitCodeOf(() -> kernel.readl(PA))).isNotZero();
        assertThat(fixture.takeViolations()).singleElement()
                .satisfies(violation -> assertThat(violation.rule()).isEqualTo("kernel-oops"));
        fixture.run(() -> kernel.readl(fixture.kernel().base().space().virt(0x0300_0000)));
        assertThat(fixture.takeViolations()).singleElement()
                .satisfies(violation -> assertThat(violation.rule()).isEqualTo("page-use-after-free"));
        assertThat(device.take()).isEmpty();
    }
}
