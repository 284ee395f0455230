package ferrite.kernel.driver;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.log.KernLevels;
import ferrite.kernel.log.RateLimitLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages of drivers, their levels, and limits of their number. */
@Timeout(60)
class LogCallsTest {

    private static final int INTERVAL_SECONDS = 5;
    private static final int BURST = 10;
    private static final int RUNS = 40;

    /** Returns the last lines of the log with their levels, and without their times. */
    private static List<String> last(KernelFixture fixture, int count) {
        List<String> lines = fixture.kernel().base().log().raw(fixture.peek()).lines().toList();
        return lines.subList(lines.size() - count, lines.size()).stream()
                .map(line -> line.replaceFirst("\\[.*?] ", "")).toList();
    }

    @Test
    void eachCallHasItsLevel() {
        try (KernelFixture fixture = KernelFixture.small()) {
            KernelCalls kernel = fixture.kernel().calls();
            fixture.run(() -> {
                kernel.printk("default");
                kernel.printk(KernLevels.KERN_CRIT + "critical");
                kernel.prErr("one");
                kernel.prWarn("two");
                kernel.prNotice("three");
                kernel.prInfo("four");
                kernel.prDebug("five");
            });
            assertThat(last(fixture, 7)).containsExactly("<4>default", "<2>critical", "<3>one", "<4>two", "<5>three",
                    "<6>four", "<7>five");
            assertThat(fixture.log.get(fixture.log.size() - 1)).endsWith("] four\n");
        }
    }

    /** Logs in its probe, and fails if it is told so. */
    private static final class TalkingDriver implements Driver {

        private final boolean fails;
        private KernelCalls kernel;
        private long dev;

        TalkingDriver(boolean fails) {
            this.fails = fails;
        }

        @Override
        public String name() {
            return "talking";
        }

        @Override
        public List<String> compatible() {
            return List.of("ferrite,test-timer");
        }

        @Override
        public void link(KernelCalls theKernel, TextTable.Module text) {
            kernel = theKernel;
        }

        @Override
        public int probe(Device device) {
            dev = device.dev();
            kernel.devInfo(dev, "probing");
            return fails ? -Errno.EIO : 0;
        }
    }

    @Test
    void aMessageOfADeviceBeginsWithDriverAndDevice() {
        TalkingDriver driver = new TalkingDriver(false);
        try (KernelFixture fixture = KernelFixture.options().driver(() -> driver).boot()) {
            assertThat(fixture.log).anyMatch(line -> line.endsWith("] talking timer@f0051000: probing\n"));
            fixture.run(() -> {
                driver.kernel.devErr(driver.dev, "one");
                driver.kernel.devWarn(driver.dev, "two");
                driver.kernel.devNotice(driver.dev, "three");
                driver.kernel.devInfo(driver.dev, "four");
                driver.kernel.devDbg(driver.dev, "five");
                driver.kernel.devErr(0, "six");
            });
            assertThat(last(fixture, 6)).containsExactly("<3>talking timer@f0051000: one",
                    "<4>talking timer@f0051000: two", "<5>talking timer@f0051000: three",
                    "<6>talking timer@f0051000: four", "<7>talking timer@f0051000: five",
                    "<3>(NULL device *): six");
        }
    }

    @Test
    void aDeviceWithoutADriverIsNamedAfterItsBus() {
        TalkingDriver driver = new TalkingDriver(true);
        try (KernelFixture fixture = KernelFixture.options().driver(() -> driver).boot()) {
            assertThat(fixture.log).anyMatch(line -> line.endsWith("] talking timer@f0051000: probing\n"))
                    .anyMatch(line -> line.endsWith("] talking timer@f0051000: probe failed: Input/output error\n"));
            fixture.run(() -> driver.kernel.devErr(driver.dev, "left"));
            assertThat(last(fixture, 1)).containsExactly("<3>platform timer@f0051000: left");
        }
    }

    private static int allowed(BooleanSupplier limit, int calls) {
        int allowed = 0;
        for (int i = 0; i < calls; i++) {
            allowed += limit.getAsBoolean() ? 1 : 0;
        }
        return allowed;
    }

    private static void storm(KernelCalls kernel, int[] allowed, int messages) {
        allowed[0] += allowed(kernel::printkRatelimit, messages);
    }

    @Test
    void tenMessagesInFiveSecondsAreAllowedAndTheRestIsCounted() {
        try (KernelFixture fixture = KernelFixture.small()) {
            KernelCalls kernel = fixture.kernel().calls();
            int[] allowed = new int[1];
            fixture.run(() -> storm(kernel, allowed, 17));
            assertThat(allowed[0]).isEqualTo(BURST);
            fixture.run(() -> {
                kernel.ssleep(INTERVAL_SECONDS - 1);
                storm(kernel, allowed, 3);
            });
            assertThat(allowed[0]).isEqualTo(BURST);
            assertThat(fixture.log).noneMatch(line -> line.contains("suppressed"));
            fixture.run(() -> {
                kernel.ssleep(1);
                storm(kernel, allowed, 1);
            });
            assertThat(allowed[0]).isEqualTo(BURST + 1);
            assertThat(last(fixture, 1)).containsExactly("<4>allowed: 10 callbacks suppressed");
            fixture.run(() -> {
                kernel.ssleep(INTERVAL_SECONDS + 1);
                storm(kernel, allowed, BURST);
            });
            assertThat(allowed[0]).as("nothing was suppressed in this interval").isEqualTo(2 * BURST + 1);
            assertThat(fixture.log).filteredOn(line -> line.contains("suppressed")).hasSize(1);
        }
    }

    @Test
    void aLimitOutlivesTheKernelObject() {
        try (KernelFixture fixture = KernelFixture.small()) {
            int[] allowed = new int[1];
            fixture.run(() -> {
                storm(fixture.kernel().calls(), allowed, 7);
                fixture.kernel().base().log().setConsoleLoglevel(8);
            });
            fixture.reattach();
            fixture.run(() -> {
                storm(fixture.kernel().calls(), allowed, 7);
                fixture.kernel().calls().prDebug("heard");
            });
            assertThat(allowed[0]).isEqualTo(BURST);
            assertThat(fixture.log.get(fixture.log.size() - 1)).endsWith("] heard\n");
        }
    }

    @Test
    void aDriverMayHaveALimitOfItsOwn() {
        try (KernelFixture fixture = KernelFixture.small()) {
            KernelCalls kernel = fixture.kernel().calls();
            List<Integer> allowed = new ArrayList<>();
            fixture.run(() -> {
                long one = kernel.kmalloc(RateLimitLayout.SIZE, Gfp.GFP_KERNEL);
                long other = kernel.kmalloc(RateLimitLayout.SIZE, Gfp.GFP_KERNEL);
                kernel.ratelimitStateInit(one, Clock.TICKS_PER_SECOND, 3);
                kernel.ratelimitStateInit(other, 0, 3);
                allowed.add(allowed(() -> kernel.__ratelimit(one), 5));
                allowed.add(allowed(() -> kernel.__ratelimit(other), 5));
                kernel.msleep(1001);
                allowed.add(allowed(() -> kernel.__ratelimit(one), 5));
                allowed.add(allowed(kernel::printkRatelimit, 11));
            });
            assertThat(allowed).containsExactly(3, 5, 3, BURST);
            assertThat(fixture.log).filteredOn(line -> line.endsWith(": 2 callbacks suppressed\n")).hasSize(1);
            assertThat(fixture.takeViolations()).isEmpty();
        }
    }

    private static void twoLines(KernelCalls kernel, int messages) {
        for (int i = 0; i < messages; i++) {
            kernel.printkRatelimited(KernLevels.KERN_ERR + "first " + i);
            kernel.printkRatelimited("second " + i);
        }
    }

    /** The harts make the limit together: in some of the runs, at once. */
    @Test
    void eachLineOfSourceHasALimitOfItsOwn() {
        for (int seed = 1; seed <= RUNS; seed++) {
            try (KernelFixture fixture = KernelFixture.options().harts(4).interleaving(Interleavings.RANDOM, seed)
                    .boot()) {
                KernelCalls kernel = fixture.kernel().calls();
                long[] started = new long[1];
                fixture.run(() -> started[0] = fixture.zeroed(4));
                fixture.run(fixture.onEveryHart(hart -> {
                    kernel.atomicInc(started[0]);
                    while (kernel.atomicRead(started[0]) < 4) {
                        kernel.cpuRelax();
                    }
                    twoLines(kernel, 2);
                }));
                fixture.reattach();
                fixture.run(() -> twoLines(fixture.kernel().calls(), 5));
                List<String> lines = fixture.kernel().base().log().raw(fixture.peek()).lines().toList();
                assertThat(lines).filteredOn(line -> line.matches("<3>.* first \\d")).hasSize(BURST);
                assertThat(lines).filteredOn(line -> line.matches("<4>.* second \\d")).hasSize(BURST);
                assertThat(fixture.log).noneMatch(line -> line.contains("suppressed"));
                fixture.run(() -> {
                    fixture.kernel().calls().ssleep(INTERVAL_SECONDS + 1);
                    twoLines(fixture.kernel().calls(), 1);
                });
                assertThat(last(fixture, 4)).containsExactly("<4>twoLines: 3 callbacks suppressed", "<3>first 0",
                        "<4>twoLines: 3 callbacks suppressed", "<4>second 0");
            }
        }
    }

    @Test
    void aLimitThatWasNeverInitializedIsReported() {
        try (KernelFixture fixture = KernelFixture.small()) {
            KernelCalls kernel = fixture.kernel().calls();
            fixture.exitCodeOf(() -> kernel.__ratelimit(kernel.kmalloc(RateLimitLayout.SIZE, Gfp.GFP_KERNEL)));
            assertThat(fixture.takeViolations()).isNotEmpty().first()
                    .satisfies(violation -> assertThat(violation.rule()).isEqualTo("lock-uninitialized"));
        }
    }

    @Test
    void allHartsShareALimitAndItsCountsAreExact() {
        for (Interleavings interleaving : Interleavings.values()) {
            Seed seed = Seed.fresh();
            try (KernelFixture fixture = KernelFixture.options().harts(4).interleaving(interleaving, seed.value())
                    .boot()) {
                KernelCalls kernel = fixture.kernel().calls();
                int[] allowed = new int[4];
                fixture.run(fixture.onEveryHart(hart -> allowed[hart] = allowed(kernel::printkRatelimit, 25)));
                assertThat(allowed[0] + allowed[1] + allowed[2] + allowed[3]).as(seed.replay("" + interleaving))
                        .isEqualTo(BURST);
                fixture.run(() -> {
                    kernel.ssleep(INTERVAL_SECONDS + 1);
                    kernel.printkRatelimit();
                });
                assertThat(last(fixture, 1).get(0)).endsWith(": 90 callbacks suppressed");
            }
        }
    }
}
