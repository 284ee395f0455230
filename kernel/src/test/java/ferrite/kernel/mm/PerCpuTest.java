package ferrite.kernel.mm;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Body;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Per-CPU variables: each sentence of the contract's row, and their misuse. */
@Timeout(60)
class PerCpuTest {

    private static final int HARTS = 4;
    private static final int LINE = 64;
    private static final int UNIT = 16 << 10;

    /** A driver with a static variable that it counts up. */
    private static final class Counter implements Driver {

        static long packets;
        static long errors;

        @Override
        public String name() {
            return "counter";
        }

        @Override
        public void link(KernelCalls kernel, TextTable.Module text) {
            packets = kernel.definePerCpu(text, "packets", 4, 4);
            errors = kernel.definePerCpu(text, "errors", 4, 4);
        }
    }

    private final KernelFixture fixture = KernelFixture.options().harts(HARTS).interleaving(Interleavings.RANDOM, 5)
            .driver(Counter::new).boot();

    @AfterEach
    void close() {
        fixture.close();
    }

    private PerCpu perCpu() {
        return fixture.kernel().mm().perCpu();
    }

    private void count(long variable) {
        long mine = perCpu().getCpuVar(variable);
        fixture.memory().store32(mine, fixture.memory().load32(mine) + 1);
        perCpu().putCpuVar();
    }

    private int sum(long variable) {
        int sum = 0;
        for (int hart = 0; hart < HARTS; hart++) {
            sum += fixture.peek().load32(perCpu().perCpuPtr(variable, hart));
        }
        return sum;
    }

    private void countOnAll(long variable) {
        List<Job> jobs = new ArrayList<>();
        for (int i = 0; i < 2 * HARTS; i++) {
            jobs.add(Job.of("counter", fixture.allHarts(), () -> {
                for (int n = 0; n < 100; n++) {
                    count(variable);
                }
            }));
        }
        fixture.run(jobs);
    }

    @Test
    void eachHartCountsInItsOwnCopyAndNoCountIsLost() {
        long[] variable = new long[1];
        fixture.run(() -> variable[0] = perCpu().allocPercpu(4));
        countOnAll(variable[0]);
        assertThat(sum(variable[0])).isEqualTo(800);
        for (int hart = 0; hart < HARTS; hart++) {
            assertThat(fixture.peek().load32(perCpu().perCpuPtr(variable[0], hart))).as("hart " + hart).isPositive();
        }
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void aStaticVariableIsOneLikeTheDynamicOnesAndOutlivesTheKernelsJava() {
        long packets = Counter.packets;
        assertThat(Counter.errors).isNotEqualTo(packets).isNotZero();
        countOnAll(packets);
        fixture.reattach();
        assertThat(Counter.packets).as("a kernel that attaches finds the same variable").isEqualTo(packets);
        countOnAll(packets);
        assertThat(sum(packets)).isEqualTo(1600);
        assertThat(sum(Counter.errors)).isZero();
        fixture.run(() -> {
            long dynamic = perCpu().allocPercpu(4);
            check(Math.abs(dynamic - packets) < UNIT, "dynamic ones lie elsewhere");
            perCpu().freePercpu(packets);
        });
        assertThat(fixture.takeViolations()).extracting(Violation::rule).containsExactly("percpu-bad-free");
    }

    @Test
    void copiesAreZeroAndNoTwoShareACacheLine() {
        fixture.run(() -> {
            for (int round = 0; round < 2; round++) {
                List<Long> variables = new ArrayList<>();
                for (int bytes : new int[] {1, 4, 64, 65, 200}) {
                    long variable = perCpu().__allocPercpu(bytes, 4);
                    for (int hart = 0; hart < HARTS; hart++) {
                        long copy = perCpu().perCpuPtr(variable, hart);
                        check(copy % LINE == 0, "not at a cache line");
                        for (long line = copy; line < copy + bytes; line += LINE) {
                            check(!variables.contains(line), "two in a line");
                            variables.add(line);
                        }
                        for (int at = 0; at < bytes; at++) {
                            check(fixture.memory().load8(copy + at) == 0, "not zero");
                            fixture.memory().store8(copy + at, 0xff);
                        }
                    }
                    if (round == 0) {
                        perCpu().freePercpu(variable);
                        variables.clear();
                    }
                }
            }
        });
    }

    @Test
    void alignmentAndSizesAreHeldOrRefused() {
        fixture.run(() -> {
            perCpu().allocPercpu(4);
            for (int align = 1; align <= 4096; align *= 2) {
                long variable = perCpu().__allocPercpu(100, align);
                check(variable != 0 && variable % align == 0 && perCpu().perCpuPtr(variable, 3) % align == 0,
                        "align " + align);
            }
            check(perCpu().allocPercpu(UNIT) != 0, "a whole unit");
            check(perCpu().allocPercpu(UNIT + 1) == 0 && perCpu().allocPercpu(0) == 0 && perCpu().__allocPercpu(4,
                    3) == 0 && perCpu().__allocPercpu(4, 8192) == 0, "refusals");
        });
    }

    @Test
    void whatIsFreedIsGivenOutAgainAndAllOfItGoesBack() {
        fixture.run(() -> perCpu().freePercpu(perCpu().allocPercpu(UNIT)));
        String before = fixture.accounting();
        Seed seed = Seed.fresh();
        Random random = seed.random(0);
        fixture.run(() -> {
            TreeMap<Long, Integer> model = new TreeMap<>();
            for (int step = 0; step < 400; step++) {
                if (model.size() < 40 && random.nextInt(3) > 0) {
                    int bytes = 1 + random.nextInt(3000);
                    long variable = perCpu().allocPercpu(bytes);
                    var below = model.floorEntry(variable);
                    var above = model.ceilingEntry(variable);
                    check(variable != 0 && (below == null || below.getKey() + below.getValue() <= variable)
                            && (above == null || variable + bytes <= above.getKey()), seed.replay("step " + step));
                    model.put(variable, bytes);
                } else if (!model.isEmpty()) {
                    long variable = new ArrayList<>(model.keySet()).get(random.nextInt(model.size()));
                    model.remove(variable);
                    perCpu().freePercpu(variable);
                }
            }
            model.keySet().forEach(perCpu()::freePercpu);
        });
        assertThat(fixture.accounting()).isEqualTo(before);
        assertThat(fixture.proc("meminfo")).containsPattern("Percpu: +64 kB");
        assertThat(fixture.violations).isEmpty();
    }

    @Test
    void getCpuKeepsTheTaskOnItsHart() {
        fixture.run(() -> {
            for (int i = 0; i < 50; i++) {
                int hart = perCpu().getCpu();
                check(fixture.kernel().base().context().isAtomic(), "not atomic");
                check(perCpu().smpProcessorId() == hart, "moved");
                check(fixture.cpu().hartId() == hart, "moved");
                perCpu().putCpu();
            }
            check(!fixture.kernel().base().context().isAtomic(), "still atomic");
        });
        assertThat(fixture.violations).isEmpty();
    }

    private List<Violation> reports(Body body) {
        fixture.run(body);
        return fixture.takeViolations();
    }

    @Test
    void touchingItWhereTheTaskMayBeMovedIsReportedAndNotWhereItCannot() {
        long[] variable = new long[1];
        fixture.run(() -> variable[0] = perCpu().allocPercpu(4));
        assertThat(reports(() -> perCpu().thisCpuPtr(variable[0]))).singleElement().satisfies(report -> {
            assertThat(report.rule()).isEqualTo("percpu-preemptible");
            assertThat(report.facts().value("site")).startsWith("PerCpuTest.java:");
        });
        assertThat(reports(() -> perCpu().smpProcessorId())).extracting(Violation::rule)
                .containsExactly("percpu-preemptible");
        assertThat(reports(() -> {
            perCpu().getCpuVar(variable[0]);
            perCpu().thisCpuPtr(variable[0]);
            perCpu().putCpuVar();
            int irqs = fixture.kernel().base().driverLocks().localIrqSave();
            perCpu().thisCpuPtr(variable[0]);
            fixture.kernel().base().driverLocks().localIrqRestore(irqs);
            long lock = fixture.zeroed(4);
            fixture.kernel().base().driverLocks().lock(lock);
            perCpu().smpProcessorId();
            fixture.kernel().base().driverLocks().unlock(lock);
            perCpu().perCpuPtr(variable[0], 2);
        })).isEmpty();
        fixture.run(List.of(Job.on(1, () -> perCpu().thisCpuPtr(variable[0]))));
        assertThat(fixture.violations).as("of a task that may run on one hart alone").isEmpty();
    }

    @Test
    void sleepingBetweenGetAndPutIsReportedWithWhereItBegan() {
        Violation report = reports(() -> {
            perCpu().getCpuVar(Counter.packets);
            fixture.kernel().calls().kfree(fixture.kernel().calls().kmalloc(8, ferrite.kernel.base.Gfp.GFP_KERNEL));
            perCpu().putCpuVar();
        }).get(0);
        assertThat(report.rule()).isEqualTo("sleep-in-atomic");
        assertThat(report.line("context")).contains("get_cpu_var at PerCpuTest.java:");
    }

    @Test
    void wrongFreesAndPutsWithoutGetAreReported() {
        assertThat(reports(() -> {
            long variable = perCpu().allocPercpu(200);
            perCpu().freePercpu(variable + LINE);
            perCpu().freePercpu(perCpu().perCpuPtr(variable, 1));
            perCpu().freePercpu(0x1234);
            perCpu().freePercpu(variable);
            perCpu().freePercpu(variable);
            perCpu().freePercpu(0);
            perCpu().putCpuVar();
            perCpu().putCpu();
        })).extracting(Violation::rule).containsExactly("percpu-bad-free", "percpu-bad-free", "percpu-bad-free",
                "percpu-bad-free", "percpu-preemptible", "percpu-preemptible");
    }

    @Test
    void allocPercpuUnderASpinlockIsReported() {
        assertThat(reports(() -> {
            long lock = fixture.zeroed(4);
            fixture.kernel().base().driverLocks().lock(lock);
            long variable = perCpu().allocPercpu(4);
            perCpu().freePercpu(variable);
            fixture.kernel().base().driverLocks().unlock(lock);
        })).extracting(Violation::rule).containsExactly("sleep-in-atomic");
    }
}
