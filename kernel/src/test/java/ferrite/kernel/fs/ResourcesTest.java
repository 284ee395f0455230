package ferrite.kernel.fs;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Device;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Regions of device registers, and {@code /proc/iomem}. */
@Timeout(60)
class ResourcesTest {

    /** A device of the test board, of 4 KiB. */
    private static final long TIMER = 0xf005_1000L;
    /** No device of the test board is here. */
    private static final long NOTHING = 0xf100_0000L;
    private static final long PAGE = 0x1000;
    private static final int RUNS = 5;

    /** Requests regions, and returns which requests failed. */
    private static List<Integer> refused(KernelFixture fixture, long[]... regions) {
        List<Integer> refused = new ArrayList<>();
        fixture.run(() -> {
            for (int i = 0; i < regions.length; i++) {
                if (fixture.kernel().calls().requestMemRegion(regions[i][0], regions[i][1], "r" + i) == 0) {
                    refused.add(i);
                }
            }
        });
        return refused;
    }

    private static long[] region(long start, long bytes) {
        return new long[] {start, bytes};
    }

    /** Returns the lines of {@code /proc/iomem} that a kernel without requests does not have. */
    private static List<String> requested(KernelFixture fixture) {
        return fixture.proc("iomem").lines().filter(line -> line.matches(" *[-0-9a-f]+ : [^@]+"))
                .filter(line -> !line.contains("System RAM") && !line.contains("Reserved")).toList();
    }

    @Test
    void aRegionIsNestedUnderItsDeviceAndHasItsName() {
        try (KernelFixture fixture = KernelFixture.small()) {
            String before = fixture.proc("iomem");
            assertThat(refused(fixture, region(TIMER, PAGE))).isEmpty();
            assertThat(fixture.proc("iomem")).isEqualTo(before.replace("f0051000-f0051fff : timer@f0051000\n",
                    "f0051000-f0051fff : timer@f0051000\n  f0051000-f0051fff : r0\n"));
            fixture.run(() -> fixture.kernel().calls().releaseMemRegion(TIMER, PAGE));
            assertThat(fixture.proc("iomem")).isEqualTo(before);
        }
    }

    @Test
    void regionsAreInTheOrderOfTheirAddressesInsideAndOutsideOfDevices() {
        try (KernelFixture fixture = KernelFixture.small()) {
            assertThat(refused(fixture, region(TIMER + 0x800, 0x100), region(NOTHING, 1), region(TIMER, 16),
                    region(0xffff_fff0L, 16), region(TIMER + 16, 16))).isEmpty();
            assertThat(requested(fixture)).containsExactly("  f0051000-f005100f : r2", "  f0051010-f005101f : r4",
                    "  f0051800-f00518ff : r0", "f1000000-f1000000 : r1", "fffffff0-ffffffff : r3");
        }
    }

    @Test
    void aRegionThatIsTakenOrMemoryOrOnlyPartlyInsideADeviceIsRefused() {
        try (KernelFixture fixture = KernelFixture.small()) {
            String accounting = fixture.accounting();
            assertThat(refused(fixture, region(TIMER + 0x100, 0x100))).isEmpty();
            long[][] wrong = {region(TIMER + 0x100, 0x100), region(TIMER, PAGE), region(TIMER + 0x1ff, 1),
                    region(TIMER + 0x80, 0x81), region(TIMER + 0x120, 4), region(0, PAGE), region(0x40_0000, 4),
                    region(TIMER + 0x800, PAGE), region(NOTHING, 0), region(NOTHING, -1),
                    region(0xffff_f000L, PAGE + 1), region(-PAGE, PAGE)};
            assertThat(refused(fixture, wrong)).hasSize(wrong.length);
            assertThat(refused(fixture, region(TIMER + 0x200, 0x10), region(TIMER + 0xf0, 0x10))).isEmpty();
            fixture.run(() -> {
                fixture.kernel().calls().releaseMemRegion(TIMER + 0x100, 0x100);
                fixture.kernel().calls().releaseMemRegion(TIMER + 0x200, 0x10);
                fixture.kernel().calls().releaseMemRegion(TIMER + 0xf0, 0x10);
            });
            assertThat(refused(fixture, region(TIMER, PAGE))).isEmpty();
            fixture.run(() -> fixture.kernel().calls().releaseMemRegion(TIMER, PAGE));
            assertThat(fixture.accounting()).isEqualTo(accounting);
        }
    }

    @Test
    void aReleaseOfWhatWasNotRequestedIsLoggedAndReleasesNothing() {
        try (KernelFixture fixture = KernelFixture.small()) {
            refused(fixture, region(TIMER, PAGE));
            fixture.run(() -> {
                fixture.kernel().calls().releaseMemRegion(TIMER, 0x800);
                fixture.kernel().calls().releaseMemRegion(TIMER + 0x800, 0x800);
                fixture.kernel().calls().releaseMemRegion(0x1000, 0x1000);
            });
            assertThat(requested(fixture)).hasSize(1);
            fixture.run(() -> {
                fixture.kernel().calls().releaseMemRegion(TIMER, PAGE);
                fixture.kernel().calls().releaseMemRegion(TIMER, PAGE);
            });
            assertThat(requested(fixture)).isEmpty();
            assertThat(fixture.log).filteredOn(line -> line.contains("nonexistent")).map(line -> line.substring(15))
                    .containsExactly("Trying to free nonexistent resource <f0051000-f00517ff>\n",
                            "Trying to free nonexistent resource <f0051800-f0051fff>\n",
                            "Trying to free nonexistent resource <00001000-00001fff>\n",
                            "Trying to free nonexistent resource <f0051000-f0051fff>\n");
        }
    }

    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void oneOfManyHartsGetsARegionAndNoRegionIsLost(Interleavings interleaving) {
        Seed seed = Seed.fresh();
        for (int i = 0; i < RUNS; i++) {
            try (KernelFixture fixture = KernelFixture.options().harts(4).interleaving(interleaving, seed.value() + i)
                    .boot()) {
                KernelCalls kernel = fixture.kernel().calls();
                int[] holders = new int[1];
                fixture.run(fixture.onEveryHart(hart -> {
                    for (int round = 0; round < 20; round++) {
                        long own = TIMER + 0x100 + 0x10 * (round % 5) + 4L * hart;
                        check(kernel.requestMemRegion(own, 4, "own" + hart) != 0, "a free region is refused");
                        if (kernel.requestMemRegion(TIMER + 4L * (hart & 1), 8, "hart" + hart) != 0) {
                            check(++holders[0] == 1, "two harts have a region");
                            kernel.cpuRelax();
                            holders[0]--;
                            kernel.releaseMemRegion(TIMER + 4L * (hart & 1), 8);
                        }
                        kernel.releaseMemRegion(own, 4);
                    }
                }));
                assertThat(requested(fixture)).as(seed.replay(interleaving + ", run " + i)).isEmpty();
                assertThat(fixture.log).noneMatch(line -> line.contains("nonexistent"));
            }
        }
    }

    @Test
    void theListIsInRamAndItsInspectionIsBounded() {
        try (KernelFixture fixture = KernelFixture.small()) {
            refused(fixture, region(TIMER, 16), region(NOTHING, 16));
            List<String> before = requested(fixture);
            fixture.reattach();
            assertThat(requested(fixture)).isEqualTo(before).hasSize(2);
            assertThat(refused(fixture, region(TIMER, PAGE), region(NOTHING + 16, 1))).containsExactly(0);
            fixture.run(() -> {
                long resource = fixture.kernel().calls().requestMemRegion(NOTHING + 32, 1, "loop");
                ResourceLayout.SIBLING.set(fixture.memory(), resource, resource);
            });
            assertThat(fixture.proc("iomem")).contains("loop");
        }
    }

    /** Takes its region in the probe, which fails. */
    private record FailingDriver(boolean givesBack, KernelCalls[] kernel) implements Driver {

        @Override
        public String name() {
            return "failing";
        }

        @Override
        public List<String> compatible() {
            return List.of("ferrite,test-timer");
        }

        @Override
        public void link(KernelCalls theKernel, TextTable.Module text) {
            kernel[0] = theKernel;
        }

        @Override
        public int probe(Device device) {
            kernel[0].requestMemRegion(device.registers().address(), device.registers().size(), name());
            if (givesBack) {
                kernel[0].releaseMemRegion(device.registers().address(), device.registers().size());
            }
            return -Errno.EBUSY;
        }
    }

    @Test
    void aProbeThatFailsWithARegionIsReported() {
        for (boolean givesBack : new boolean[] {false, true}) {
            try (KernelFixture fixture = KernelFixture.options()
                    .driver(() -> new FailingDriver(givesBack, new KernelCalls[1])).boot()) {
                assertThat(fixture.takeViolations()).hasSize(givesBack ? 0 : 1).allSatisfy(violation ->
                        assertThat(violation.summary()).startsWith("failing still held 4096 bytes of registers "
                                + "requested at 0xf0051000, taken at ResourcesTest.java:"));
            }
        }
    }

    @Test
    void aRequestMaySleep() {
        try (KernelFixture fixture = KernelFixture.small()) {
            KernelCalls kernel = fixture.kernel().calls();
            fixture.run(() -> {
                long lock = kernel.kzalloc(4, Gfp.GFP_KERNEL);
                kernel.spinLock(lock);
                kernel.requestMemRegion(TIMER, PAGE, "timer");
                kernel.spinUnlock(lock);
            });
            assertThat(fixture.takeViolations()).isNotEmpty()
                    .allSatisfy(violation -> assertThat(violation.rule()).isEqualTo("sleep-in-atomic"));
        }
    }
}
