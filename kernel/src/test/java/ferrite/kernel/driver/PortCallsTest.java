package ferrite.kernel.driver;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.report.Violation;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Gfp;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** I/O ports: their window, their regions, and a device's view of the accesses. */
@Timeout(60)
class PortCallsTest {

    private static final long WINDOW = 0xf006_0000L;
    private static final int WINDOW_BYTES = 0x1000;
    private static final long FIRST = 0x378;
    private static final int PORTS = 16;

    /** A list of accesses. A read returns the number of accesses before it. */
    private static final class Recorder implements BusDevice {

        private final List<String> accesses = new ArrayList<>();

        @Override
        public int load(long offset, int width) {
            int value = peek(offset, width);
            accesses.add("in" + 8 * width + " " + offset);
            return value;
        }

        @Override
        public int peek(long offset, int width) {
            return accesses.size();
        }

        @Override
        public void store(long offset, int width, int value) {
            accesses.add("out" + 8 * width + " " + offset + " " + Integer.toHexString(value));
        }

        private List<String> take() {
            List<String> taken = List.copyOf(accesses);
            accesses.clear();
            return taken;
        }
    }

    private final Recorder device = new Recorder();
    private final KernelFixture fixture = KernelFixture.options().nodes(soc -> {
        soc.set("ferrite,io-window", (int) WINDOW, WINDOW_BYTES);
        soc.child("printer@f0060378").set("compatible", "test,printer").set("reg", (int) (WINDOW + FIRST), PORTS);
    }).boot();
    private KernelCalls kernel = fixture.kernel().calls();

    PortCallsTest() {
        fixture.machine.bus().attach("printer", WINDOW + FIRST, PORTS, device);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private void request() {
        fixture.run(() -> assertThat(kernel.requestRegion(FIRST, PORTS, "lp")).isNotZero());
    }

    @Test
    void anAccessIsOneOfItsWidthAtTheAddressOfThePort() {
        request();
        List<Integer> read = new ArrayList<>();
        fixture.run(() -> {
            kernel.outb(0xf1, FIRST);
            kernel.outw(0xf1f2, FIRST + 2);
            kernel.outl(0xf1f2_f3f4, FIRST + 4);
            read.addAll(List.of(kernel.inb(FIRST), kernel.inw(FIRST + 2), kernel.inl(FIRST + 4)));
            kernel.outbP(1, FIRST);
            kernel.outwP(2, FIRST);
            kernel.outlP(3, FIRST);
            read.addAll(List.of(kernel.inbP(FIRST), kernel.inwP(FIRST), kernel.inlP(FIRST)));
            long mapped = kernel.ioportMap(FIRST + 8, 8);
            kernel.iowrite8(4, mapped);
            read.add(kernel.ioread8(mapped + 7));
            kernel.ioportUnmap(mapped);
        });
        assertThat(read).containsExactly(3, 4, 5, 9, 10, 11, 13);
        assertThat(device.take()).containsExactly("out8 0 f1", "out16 2 f1f2", "out32 4 f1f2f3f4", "in8 0", "in16 2",
                "in32 4", "out8 0 1", "out16 0 2", "out32 0 3", "in8 0", "in16 0", "in32 0", "out8 8 4", "in8 15");
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void aStringOperationAccessesOnePortManyTimes() {
        request();
        byte[] bytes = new byte[12];
        fixture.run(() -> {
            long buffer = kernel.kmalloc(16, Gfp.GFP_KERNEL);
            kernel.insb(FIRST, buffer, 2);
            kernel.insw(FIRST, buffer + 2, 1);
            kernel.insl(FIRST, buffer + 4, 2);
            kernel.memory().read(buffer, bytes, 0, bytes.length);
            kernel.outsb(FIRST + 1, buffer, 2);
            kernel.outsw(FIRST + 2, buffer + 2, 1);
            kernel.outsl(FIRST + 4, buffer + 8, 1);
            kernel.kfree(buffer);
        });
        assertThat(bytes).containsExactly(0, 1, 2, 0, 3, 0, 0, 0, 4, 0, 0, 0);
        assertThat(device.take()).containsExactly("in8 0", "in8 0", "in16 0", "in32 0", "in32 0", "out8 1 0",
                "out8 1 1", "out16 2 2", "out32 4 4");
    }

    @Test
    void regionsAreListedAndRefusedAsThoseOfMemoryAre() {
        request();
        fixture.run(() -> {
            assertThat(kernel.requestRegion(FIRST + 8, 1, "second")).isZero();
            assertThat(kernel.requestRegion(FIRST + PORTS, 4, "after")).isNotZero();
            assertThat(kernel.requestRegion(FIRST + PORTS + 2, 4, "overlaps")).isZero();
            assertThat(kernel.requestRegion(FIRST - 4, 5, "half a device")).isZero();
            assertThat(kernel.requestRegion(WINDOW_BYTES - 4, 4, "last")).isNotZero();
            assertThat(kernel.requestRegion(WINDOW_BYTES - 4, 5, "past the window")).isZero();
            assertThat(kernel.requestRegion(-4, 4, "negative")).isZero();
            assertThat(kernel.requestRegion(0x100, 0, "empty")).isZero();
            assertThat(kernel.requestMemRegion(WINDOW + FIRST, PORTS, "another space")).isNotZero();
        });
        String listed = "0378-0387 : printer@f0060378\n  0378-0387 : lp\n0388-038b : after\n0ffc-0fff : last\n";
        assertThat(fixture.proc("ioports")).isEqualTo(listed);
        fixture.reattach();
        kernel = fixture.kernel().calls();
        assertThat(fixture.proc("ioports")).isEqualTo(listed);
        fixture.run(() -> {
            kernel.releaseRegion(FIRST, PORTS);
            kernel.releaseRegion(FIRST, PORTS);
            kernel.releaseRegion(FIRST + PORTS, 4);
            kernel.releaseRegion(WINDOW_BYTES - 4, 4);
        });
        assertThat(fixture.proc("ioports")).isEqualTo("0378-0387 : printer@f0060378\n");
        assertThat(fixture.log).anyMatch(line -> line.contains("Trying to free nonexistent resource <0378-0387>"));
    }

    @Test
    void aPortThatWasNotRequestedIsReportedAndStillAccessed() {
        fixture.run(() -> {
            kernel.outb(1, FIRST);
            kernel.requestRegion(FIRST, 4, "lp");
            kernel.inw(FIRST + 2);
            kernel.inl(FIRST);
            kernel.outw(2, FIRST + 3 & ~1);
            kernel.inw(FIRST + 4);
        });
        assertThat(device.take()).hasSize(5);
        assertThat(fixture.violations).extracting(Violation::rule)
                .containsExactly("port-not-requested", "port-not-requested");
        assertThat(fixture.violations).extracting(Violation::summary).containsExactly(
                "outb of port 0x378, which no driver has requested",
                "inw of port 0x37c to 0x37d, which no driver has requested");
    }

    @Test
    void aPortOutsideOfTheWindowEndsTheTaskWithASentence() {
        List<String> told = new ArrayList<>();
        fixture.run(() -> {
            told.add(KernelFixture.bugOf(() -> kernel.inb(WINDOW_BYTES)));
            told.add(KernelFixture.bugOf(() -> kernel.outl(0, WINDOW_BYTES - 2)));
            told.add(KernelFixture.bugOf(() -> kernel.inb(0xd000_0378L)));
        });
        assertThat(told.get(0)).startsWith("Bad IO access at port 0x1000 (inb): the board's ports end at 0xfff");
        assertThat(told.get(1)).startsWith("Bad IO access at port 0xffe (outl)");
        assertThat(told.get(2)).contains("ioport_map belong to ioread8");
    }

    @Test
    void aBoardWithoutAWindowHasNoPorts() {
        try (KernelFixture other = KernelFixture.small()) {
            KernelCalls calls = other.kernel().calls();
            other.run(() -> {
                assertThat(calls.requestRegion(FIRST, 1, "lp")).isZero();
                assertThat(KernelFixture.bugOf(() -> calls.inb(FIRST))).endsWith("the board has no I/O ports");
            });
            assertThat(other.proc("ioports")).isEmpty();
        }
    }
}
