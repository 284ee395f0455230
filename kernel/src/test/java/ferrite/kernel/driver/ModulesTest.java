package ferrite.kernel.driver;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.Files;
import ferrite.kernel.fs.SeqShow;
import ferrite.kernel.sched.Sleep;
import ferrite.kernel.sched.WaitQueueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.IntBinaryOperator;
import java.util.function.IntSupplier;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Loaded drivers that use others: {@code EXPORT_SYMBOL}, use counts, {@code /proc/modules}. */
class ModulesTest {

    private static final int ROUNDS = 60;

    /** Files, by name, of drivers with the same name. */
    private final Map<String, Supplier<TestDriver>> files = new HashMap<>();
    /** The drivers whose classes a driver has. */
    private final Map<String, String> depends = new HashMap<>();
    private final List<Integer> sums = new ArrayList<>();
    private KernelFixture fixture;

    private final class Source implements ModuleSource {

        private final Map<String, Driver> loaded = new HashMap<>();

        @Override
        public Driver load(String file) {
            Driver driver = files.get(file).get();
            loaded.put(driver.name(), driver);
            return driver;
        }

        @Override
        public List<Driver> dependencies(Driver driver) {
            String name = depends.get(driver.name());
            return name == null ? List.of() : List.of(loaded.get(name));
        }

        @Override
        public void unload(Driver driver) { }
    }

    @AfterEach
    void close() {
        assertThat(fixture.takeViolations()).isEmpty();
        fixture.close();
    }

    /** The file math exports a sum, and calc calls it. */
    private void boot() {
        files.put("math", () -> math("math"));
        files.put("calc", () -> calc("calc"));
        fixture = KernelFixture.options().harts(2).modules(Source::new).boot();
    }

    private static TestDriver math(String name) {
        TestDriver driver = new TestDriver(name);
        return driver.link(text -> driver.kernel.exportSymbol(text, "math_sum", (IntBinaryOperator) Integer::sum));
    }

    private TestDriver calc(String name) {
        IntBinaryOperator[] sum = new IntBinaryOperator[1];
        return new TestDriver(name).link(text -> sum[0] = text.importSymbol("math_sum", IntBinaryOperator.class))
                .init(() -> {
                    sums.add(sum[0].applyAsInt(2, 3));
                    return 0;
                });
    }

    private TestDriver withLink(String name, Links links) {
        TestDriver driver = new TestDriver(name);
        return driver.link(text -> links.link(driver.kernel, text));
    }

    private interface Links {
        void link(KernelCalls kernel, TextTable.Module text);
    }

    private Modules modules() {
        return fixture.kernel().drivers().modules();
    }

    /** Loads drivers in a task; null if all are loaded, otherwise the last reason. */
    private String insmod(String... names) {
        String[] problem = new String[1];
        fixture.run(() -> {
            for (String name : names) {
                problem[0] = modules().insert(name, List.of());
            }
        });
        return problem[0];
    }

    private String rmmod(String name) {
        String[] refusal = new String[1];
        fixture.run(() -> refusal[0] = modules().remove(name).refusal());
        return refusal[0];
    }

    private String lines() {
        return fixture.proc("modules").replaceAll(" 0x\\w+", "");
    }

    @Test
    void aDriverStaysLoadedWhileAnotherOneCallsItsFunction() {
        boot();
        fixture.shrinkAfterRuns = true;
        insmod("math", "calc");
        rmmod("calc");
        rmmod("math");
        String before = fixture.accounting();
        assertThat(insmod("math", "calc")).isNull();
        assertThat(sums).containsExactly(5, 5);
        assertThat(lines()).isEqualTo("calc 0 0 - Live\nmath 0 1 calc, Live\n");
        assertThat(rmmod("math")).isEqualTo("Module math is in use by: calc");
        assertThat(rmmod("calc")).isNull();
        assertThat(lines()).isEqualTo("math 0 0 - Live\n");
        assertThat(rmmod("math")).isNull();
        assertThat(fixture.accounting()).isEqualTo(before);
    }

    @Test
    void aDriverCountsOnceHoweverManySymbolsAndClassesItHas() {
        boot();
        files.put("math", () -> withLink("math", (kernel, text) -> {
            kernel.exportSymbol(text, "math_sum", (IntBinaryOperator) Integer::sum);
            kernel.exportSymbol(text, "math_negate", (IntUnaryOperator) value -> -value);
        }));
        files.put("both", () -> withLink("both", (kernel, text) -> {
            text.importSymbol("math_sum", IntBinaryOperator.class);
            text.importSymbol("math_negate", IntUnaryOperator.class);
        }));
        files.put("classes", () -> new TestDriver("classes"));
        depends.putAll(Map.of("both", "math", "classes", "math"));
        assertThat(insmod("math", "both", "classes")).isNull();
        assertThat(lines()).endsWith("math 0 2 classes,both, Live\n");
        rmmod("both");
        assertThat(rmmod("math")).isEqualTo("Module math is in use by: classes");
        rmmod("classes");
        assertThat(rmmod("math")).isNull();
    }

    /** As in Linux, where such a file does not count. */
    @Test
    void aDriverWhoseFileOfProcIsOpenIsRemoved() {
        boot();
        files.put("math", () -> {
            TestDriver math = new TestDriver("math");
            long[] show = new long[1];
            math.link(text -> show[0] = text.add("math_show", (SeqShow) seq -> 0));
            return math.init(() -> math.kernel.procCreateSingleData("math", 0, show[0], 0) == 0 ? -Errno.ENOMEM : 0)
                    .exit(() -> math.kernel.removeProcEntry("math"));
        });
        fixture.run(() -> {
            check(modules().insert("math", List.of()) == null, "insmod");
            Files open = fixture.kernel().files();
            int file = open.open("/proc/math", Fcntl.O_RDONLY);
            Modules.Removal removed = modules().remove("math");
            check(removed.refusal() == null && removed.stillHeld().isEmpty(), removed.toString());
            check(open.read(file, 0, 1) == -Errno.EIO, "a read after the removal");
            check(open.close(file) == 0, "close");
        });
    }

    @Test
    void anUnknownSymbolIsRefusedAndLeavesNothing() {
        boot();
        assertThat(insmod("calc")).isEqualTo("Unknown symbol math_sum: load the driver that exports it first");
        assertThat(lines()).isEmpty();
        assertThat(insmod("math", "calc")).isNull();
        rmmod("calc");
        rmmod("math");
        assertThat(insmod("calc")).as("the exporter is gone").startsWith("Unknown symbol math_sum");
    }

    @Test
    void aSymbolOfAnotherTypeIsRefused() {
        boot();
        files.put("other", () -> withLink("other", (kernel, text) -> text.importSymbol("math_sum",
                IntUnaryOperator.class)));
        assertThat(insmod("math", "other")).startsWith("symbol math_sum is no java.util.function.IntUnaryOperator");
        assertThat(lines()).isEqualTo("math 0 0 - Live\n");
    }

    @Test
    void aNameIsExportedByOneDriverAtATime() {
        boot();
        files.put("rival", () -> math("rival"));
        assertThat(insmod("math", "rival")).isEqualTo(
                "exports duplicate symbol math_sum, which another driver exports too");
        rmmod("math");
        assertThat(insmod("rival", "calc")).isNull();
        assertThat(lines()).isEqualTo("calc 0 0 - Live\nrival 0 1 calc, Live\n");
    }

    @Test
    void aDriverWhoseInitFailsUsesNoOtherAnyMore() {
        boot();
        files.put("calc", () -> calc("calc").init(() -> -Errno.EIO));
        assertThat(insmod("math", "calc")).isEqualTo("its init failed: Input/output error");
        assertThat(lines()).isEqualTo("math 0 0 - Live\n");
        assertThat(rmmod("math")).isNull();
    }

    @Test
    void aDriverThatIsLinkedInExportsWithoutACount() {
        files.put("calc", () -> calc("calc"));
        fixture = KernelFixture.options().driver(() -> math("math")).modules(Source::new).boot();
        assertThat(insmod("calc")).isNull();
        assertThat(sums).containsExactly(5);
        assertThat(lines()).isEqualTo("calc 0 0 - Live\n");
    }

    /** As in Linux, where a driver's init registers it, and so probes its devices. */
    @ParameterizedTest
    @ValueSource(strings = {"init", "probe"})
    void aDriverThatIsNotReadyCannotBeUsedNorRemovedNorLoadedTwice(String sleeper) {
        boot();
        files.put("math", () -> {
            TestDriver math = new TestDriver("math", "ferrite,test-timer");
            math.link(text -> math.kernel.exportSymbol(text, "math_sum", (IntBinaryOperator) Integer::sum));
            IntSupplier sleep = () -> {
                math.kernel.msleep(100);
                return 0;
            };
            return sleeper.equals("init") ? math.init(sleep) : math.probe(device -> sleep.getAsInt());
        });
        List<String> results = new ArrayList<>();
        fixture.run(List.of(KernelFixture.Job.on(0, () -> check(modules().insert("math", List.of()) == null, "math")),
                KernelFixture.Job.on(1, () -> {
                    fixture.kernel().calls().msleep(20);
                    results.add(modules().insert("calc", List.of()));
                    results.add(modules().remove("math").refusal());
                    results.add(modules().insert("math", List.of()));
                    results.add(modules().all(fixture.memory()).get(0).state());
                })));
        assertThat(results).containsExactly("a driver that it uses is not ready: Device or resource busy",
                "could not remove module math: Device or resource busy",
                "a driver named math is already loaded or linked in", "Loading");
        assertThat(insmod("calc")).isNull();
        assertThat(lines()).isEqualTo("calc 0 0 - Live\nmath 0 1 calc, Live\n");
    }

    /** A sleep before the failure lets another task look. */
    @Test
    void aDriverWhoseInitFailsIsNeverLive() {
        boot();
        files.put("math", () -> {
            TestDriver math = math("math");
            return math.init(() -> {
                math.kernel.msleep(100);
                return -Errno.EIO;
            });
        });
        Set<String> states = new LinkedHashSet<>();
        String[] problem = new String[1];
        fixture.run(List.of(KernelFixture.Job.on(0, () -> problem[0] = modules().insert("math", List.of())),
                KernelFixture.Job.on(1, () -> {
                    fixture.kernel().calls().msleep(20);
                    for (List<Modules.Loaded> all; !(all = modules().all(fixture.memory())).isEmpty(); ) {
                        states.add(all.get(0).state());
                        fixture.kernel().calls().cpuRelax();
                    }
                })));
        assertThat(problem[0]).isEqualTo("its init failed: Input/output error");
        assertThat(states).isSubsetOf("Loading", "Unloading").contains("Loading");
        assertThat(lines()).isEmpty();
    }

    @Test
    void aDriverThatIsBeingRemovedCannotBeUsedNorRemovedAgain() {
        boot();
        files.put("math", () -> {
            TestDriver math = math("math");
            return math.exit(() -> math.kernel.msleep(100));
        });
        insmod("math");
        List<String> results = new ArrayList<>();
        fixture.run(List.of(KernelFixture.Job.on(0, () -> check(modules().remove("math").refusal() == null, "math")),
                KernelFixture.Job.on(1, () -> {
                    fixture.kernel().calls().msleep(20);
                    results.add(modules().insert("calc", List.of()));
                    results.add(modules().remove("math").refusal());
                    results.add(modules().all(fixture.memory()).get(0).state());
                })));
        assertThat(results).containsExactly("a driver that it uses is not ready: Device or resource busy",
                "could not remove module math: Device or resource busy", "Unloading");
        assertThat(lines()).isEmpty();
    }

    /** As with Linux's delete_module: another task finds the driver busy, or gone. */
    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void tasksThatRemoveOneDriverAtOnceRemoveItOnce(Interleavings interleaving) {
        int[] counts = new int[3];                     // loaded, removed, exits
        files.put("math", () -> math("math").exit(() -> counts[2]++));
        fixture = KernelFixture.options().harts(4).modules(Source::new).interleaving(interleaving, 1).boot();
        fixture.run(fixture.onEveryHart(hart -> {
            for (int i = 0; i < ROUNDS; i++) {
                counts[0] += hart == 0 && modules().insert("math", List.of()) == null ? 1 : 0;
                String refusal = modules().remove("math").refusal();
                counts[1] += refusal == null ? 1 : 0;
                check(refusal == null || refusal.equals("Module math is not currently loaded")
                        || refusal.equals("could not remove module math: Device or resource busy"), refusal);
            }
        }));
        rmmod("math");
        assertThat(counts[0]).isPositive();
        assertThat(counts[2]).isEqualTo(counts[0]);
        assertThat(counts[1]).isBetween(counts[0] - 1, counts[0]);
        assertThat(lines()).isEmpty();
    }

    /**
     * A task with priority wakes at each moment of another one's rmmod, removes the driver itself, and loads another
     * one, whose record takes the place of the first one's.
     */
    @Test
    void anRmmodThatIsInterruptedRemovesNoOtherDriver() {
        files.put("math", () -> math("math"));
        files.put("other", () -> new TestDriver("other"));
        fixture = KernelFixture.options().modules(Source::new).boot();
        boolean[] begins = new boolean[1];
        boolean[] wasFirst = new boolean[1];
        long[] queues = new long[2];                   // of the two tasks
        fixture.run(() -> {
            for (int i = 0; i < queues.length; i++) {
                queues[i] = fixture.zeroed(WaitQueueLayout.SIZE);
                fixture.kernel().tasks().waitQueues().init(queues[i]);
            }
        });
        fixture.run(List.of(KernelFixture.Job.of("early", 1, () -> {
            while (!wasFirst[0]) {
                sleep(queues[0], () -> begins[0], Sleep.FOREVER);
                wasFirst[0] = modules().remove("math").refusal() == null;
                begins[0] = false;
                fixture.kernel().tasks().waitQueues().wakeUp(queues[1]);
            }
        }), KernelFixture.Job.of("late", 1, () -> {
            fixture.kernel().calls().schedSetFifo(fixture.cpu().tp());
            for (int ticks = 1; !wasFirst[0]; ticks += 5) {
                check(modules().insert("math", List.of()) == null, "math");
                begins[0] = true;
                fixture.kernel().tasks().waitQueues().wakeUp(queues[0]);
                sleep(queues[1], () -> false, ticks);
                String refusal = modules().remove("math").refusal();
                check(modules().insert("other", List.of()) == null, "other");
                sleep(queues[1], () -> !begins[0], Sleep.FOREVER);
                check(wasFirst[0] == (refusal != null), "one task has removed the driver: " + refusal);
                check(modules().remove("other").refusal() == null, "the other driver is still there");
            }
        })));
    }

    private void sleep(long queue, BooleanSupplier condition, long ticks) {
        fixture.kernel().tasks().sleep().until(queue, condition, TaskLayout.UNINTERRUPTIBLE, ticks);
    }

    @Test
    void twoTasksThatLoadOneDriverLoadItOnce() {
        boot();
        files.put("math", () -> math("math").parameter("speed", value -> fixture.kernel().calls().msleep(20)));
        List<String> problems = new ArrayList<>();
        fixture.run(fixture.onEveryHart(hart -> problems.add(modules().insert("math", List.of("speed=1")))));
        assertThat(problems).containsExactlyInAnyOrder(null, "a driver named math is already loaded or linked in");
        assertThat(lines()).isEqualTo("math 0 0 - Live\n");
        assertThat(rmmod("math")).isNull();
    }

    @Test
    void aDriverGetsTheSameTextAfterTheKernelWasForgotten() {
        boot();
        insmod("math");
        rmmod("math");
        fixture.reattach();
        insmod("math");
        String forgotten = fixture.proc("modules");
        fixture.close();
        boot();
        insmod("math");
        rmmod("math");
        insmod("math");
        assertThat(fixture.proc("modules")).isEqualTo(forgotten).contains(" 0x");
    }

    @Test
    void initGetsTheParametersOfInsmod() {
        List<String> got = new ArrayList<>();
        boot();
        files.put("math", () -> math("math").parameter("speed", value -> { }).initWith(values -> {
            got.add(values.get("speed"));
            return 0;
        }));
        fixture.run(() -> {
            check(modules().insert("math", List.of("speed=7")) == null, "with a value");
            check(modules().remove("math").refusal() == null, "removed");
            check(modules().insert("math", List.of()) == null, "with the default");
        });
        assertThat(got).containsExactly("7", "");
        assertThat(rmmod("math")).isNull();
    }

    @Test
    void dependenciesOutliveTheKernelsObjects() {
        boot();
        insmod("math", "calc");
        String before = fixture.proc("modules");
        fixture.reattach();
        assertThat(fixture.proc("modules")).isEqualTo(before);
        assertThat(rmmod("math")).isEqualTo("Module math is in use by: calc");
        rmmod("calc");
        assertThat(insmod("calc")).isNull();
        assertThat(sums).containsExactly(5, 5);
        rmmod("calc");
        assertThat(rmmod("math")).isNull();
    }
}
