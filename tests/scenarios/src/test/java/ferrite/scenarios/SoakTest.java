package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import ferrite.hardware.turn.Interleavings;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.sched.HrTimerFunction;
import ferrite.kernel.sched.HrTimerLayout;
import ferrite.kernel.sched.TaskEntry;
import ferrite.kernel.work.WorkFlags;
import ferrite.kernel.work.WorkFunction;
import ferrite.kernel.work.WorkLayout;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything of chapter 8 at once, on eight harts with random interleaving. The disk, the copy engine and a timer
 * interrupt, and the timer's function allocates too. Memory is 95% full, and one allocation in fifty fails. No
 * resources overlap, no memory is lost, and in the end every inspector prints the same text as at the start.
 *
 * <p>For a longer run by hand: {@code -Dferrite.soak.instructions=10000000 -Dferrite.soak.rounds=5}; {@code
 * -Dferrite.seed=S} repeats a run.
 */
@Machine
@Timeout(100_000)
class SoakTest {

    private static final int INSTRUCTIONS = 30_000_000;
    private static final int TASKS = 14;
    private static final int SLOTS = 12;
    private static final int WORKERS = 12;
    private static final int HANDLER_SLOTS = 10;
    private static final int TIMER_TICKS = 2500;
    private static final String[] INSPECTORS = {"buddyinfo", "pagetypeinfo", "slabinfo", "vmallocinfo", "meminfo"};
    /** The free blocks of high memory, by order. */
    private static final Pattern FREE_HIGH = Pattern.compile("(?m)(HighMem(?:, type +\\w+)?)((?: +\\d+){11}) *$");

    @TempDir
    private Path directory;

    @Test
    void everythingAtOnceLeavesNothingBehind(Machines machines) throws Exception {
        Seed seed = Seed.fresh();
        for (int round = 0; round < Integer.getInteger("ferrite.soak.rounds", 1); round++) {
            soak(seed, round, machines);
        }
    }

    private void soak(Seed seed, int round, Machines machines) throws Exception {
        Path file = Disks.random(directory, "disk.img", 4 * Disks.PIECE, 1);
        InKernel test = new InKernel();
        Workload workload = new Workload(test, Files.readAllBytes(file), seed.random(round).nextLong());
        MachineRun run = machines.boot(options -> options.readOnlyDisk(file).ram(48 << 20).zones(4 << 20, 28 << 20)
                .harts(8).interleaving(Interleavings.RANDOM).seed(workload.seed)
                .guardPages(false)             // guard pages come and go with the amount of free memory
                .failPageAlloc("50,100,1000000,-1").parameter("failslab", "50,later").parameter("swiotlb", "on,64")
                .parameter("copier.width", "24").driver(test));
        try {
            workload.instructions = run.board().machine().clock()::instructions;
            test.run(run, workload::warmUp);
            test.run(run, workload::tidyUp);           // so that this task's record fills no slab of its own
            String before = inspectors(run);
            test.run(run, workload::run);
            assertThat(workload.failure).isNull();
            test.run(run, workload::tidyUp);
            test.run(run, workload::tidyUp);
            assertThat(inspectors(run)).isEqualTo(before);
            assertThat(run).hasNoViolations();
            assertThat(run.board().kernel().base().log().text(run.board().machine().peek(0)))
                    .as("all mappings are known").doesNotContain("DMA-API");
            assertThat(run.board().kernel().dma().mapping().liveMappings(run.board().machine().peek(0))).isZero();
            assertThat(run.board().kernel().dma().mapping().swiotlb().used(run.board().machine().peek(0))).isZero();
            assertThat(workload.soak.taken).as("how often each kind was got").doesNotContain(0);
            assertThat(workload.soak.refused).as("how often something was refused").isPositive();
            assertThat(workload.handled).as("interrupts of the timer").isGreaterThan(50);
        } catch (AssertionError failed) {
            throw new AssertionError(seed.replay("round " + round), failed);
        }
    }

    // ---- drivers ----

    /**
     * All drivers at once, a program for each device, with faults of the devices, and the book's drivers, which are
     * removed in the end.
     */
    @Test
    void allDriversAtOnceLeaveNothingBehind(Machines machines) throws Exception {
        Seed seed = Seed.fresh();
        for (int round = 0; round < Integer.getInteger("ferrite.soak.rounds", 1); round++) {
            drivers(seed, round, machines);
        }
    }

    private void drivers(Seed seed, int round, Machines machines) throws Exception {
        InKernel test = new InKernel();
        DriverPrograms programs = new DriverPrograms(test, directory, seed.random(round));
        try {
            MachineRun run = machines.boot(programs::machine);
            programs.instructions = run.board().machine().clock()::instructions;
            programs.warmUp(run);
            String before = DriverPrograms.kept(run);
            programs.round(run);
            assertThat(DriverPrograms.kept(run)).isEqualTo(before);
            assertThat(run.violations()).isEmpty();
            assertThat(programs.checked()).as("bytes that were compared").isGreaterThan(10_000);
            assertThat(programs.refused()).as("calls that were refused").isPositive();
            run.close();
        } catch (AssertionError | RuntimeException failed) {
            throw new AssertionError(seed.replay("round " + round + " with " + programs.faults), failed);
        }
    }

    private static String inspectors(MachineRun run) {
        StringBuilder all = new StringBuilder();
        for (String name : INSPECTORS) {
            all.append(name).append('\n')
                    .append(run.board().kernel().files().proc().file(name).text(run.board().machine().peek(0)));
        }
        return FREE_HIGH.matcher(all).replaceAll(orders -> orders.group(1) + " " + freePages(orders.group(2)));
    }

    /** Adds up free blocks by order. Which pages are free depends on the stack of the task that ended last. */
    private static long freePages(String orders) {
        String[] counts = orders.strip().split(" +");
        return IntStream.range(0, counts.length).mapToLong(order -> Long.parseLong(counts[order]) << order).sum();
    }

    /** The tasks, the timer, and the allocations that fill the memory. */
    private static final class Workload {

        private final byte[] disk;
        private final long seed;
        private final InKernel test;
        private final int entry;
        private final int timerFunction;
        private final int sleeper;
        private final Random handlerRandom;
        private final List<Soak.Thing> handlerThings = new ArrayList<>();
        private LongSupplier instructions;
        private Kernel kernel;
        private Soak soak;
        private long end;
        private int waiting;
        private long timer;
        private boolean stops;
        private int handled;
        private AssertionError failure;

        private Workload(InKernel test, byte[] disk, long seed) {
            this.test = test;
            this.disk = disk;
            this.seed = seed;
            this.handlerRandom = new Random(seed);
            this.entry = test.callback("soak_task", (TaskEntry) this::work);
            this.sleeper = test.callback("soak_sleeper", (WorkFunction) item -> kernel.calls().msleep(1));
            this.timerFunction = test.callback("soak_timer", (HrTimerFunction) expired -> tick());
        }

        /** Makes the objects that are created at first use and kept, and fills the memory. */
        private void warmUp(Kernel theKernel) {
            kernel = theKernel;
            arm(false);
            Soak once = new Soak(kernel, disk);
            Random random = new Random(seed);
            for (int i = 0; i < 60; i++) {
                Soak.Thing thing = once.take(random);
                if (thing != null) {
                    once.giveBack(thing);
                }
            }
            once.end();
            startWorkers();
            Soak.fill(kernel);
            tidyUp(kernel);
        }

        /** Has the pool of workers that serves the disk grow to more workers than it needs. */
        private void startWorkers() {
            long queue = kernel.calls().allocWorkqueue("soak", WorkFlags.WQ_UNBOUND, WORKERS);
            long items = kernel.calls().kzalloc(WORKERS * WorkLayout.SIZE, Gfp.GFP_KERNEL);
            for (int i = 0; i < WORKERS; i++) {
                kernel.calls().initWork(items + (long) i * WorkLayout.SIZE, test.address(sleeper));
                kernel.calls().queueWork(queue, items + (long) i * WorkLayout.SIZE);
            }
            kernel.calls().destroyWorkqueue(queue);    // which waits for the items
            kernel.calls().kfree(items);
        }

        private void tidyUp(Kernel theKernel) {
            arm(false);
            theKernel.mm().caches().shrinkAll();
            theKernel.mm().pages().pageSets().drainAll();
        }

        private void arm(boolean on) {
            kernel.mm().pages().failures().arm(on);
            kernel.mm().caches().failures().arm(on);
        }

        private void run(Kernel theKernel) {
            soak = new Soak(kernel, disk);
            end = instructions.getAsLong() + Long.getLong("ferrite.soak.instructions", INSTRUCTIONS);
            waiting = TASKS;
            timer = kernel.calls().kzalloc(HrTimerLayout.SIZE, Gfp.GFP_KERNEL);
            long[] tasks = new long[TASKS];
            for (int i = 0; i < TASKS; i++) {
                tasks[i] = kernel.tasks().tasks().create("soak-" + i, test.address(entry), i,
                        (1 << kernel.base().harts()) - 1);
                Soak.check(tasks[i] != 0, "no memory for a task");
            }
            kernel.tasks().hrTimers().setUp(timer, test.address(timerFunction));
            startTimer();
            for (long task : tasks) {
                kernel.tasks().tasks().waitFor(task);
            }
            arm(false);
            stops = true;
            kernel.tasks().hrTimers().cancel(timer);
            kernel.calls().kfree(timer);
            handlerThings.forEach(soak::giveBack);
            if (failure == null) {
                soak.end();
            }
        }

        private void startTimer() {
            kernel.tasks().hrTimers().start(timer, kernel.base().cpu().time() + TIMER_TICKS);
        }

        private boolean tick() {
            handled++;
            if (handlerThings.size() == HANDLER_SLOTS) {
                soak.giveBack(handlerThings.remove(0));
            }
            Soak.Thing thing = soak.takeAtomic(handlerRandom);
            if (thing != null) {
                handlerThings.add(thing);
            }
            if (!stops) {
                startTimer();
            }
            return false;
        }

        private int work(long number) {
            if (--waiting == 0) {
                arm(true);
            }
            Random random = new Random(seed * 31 + number);
            Soak.Thing[] things = new Soak.Thing[SLOTS];
            try {
                while (instructions.getAsLong() < end && failure == null) {
                    int slot = random.nextInt(SLOTS);
                    Soak.Thing old = things[slot];
                    things[slot] = null;
                    if (old != null) {
                        soak.giveBack(old);
                    }
                    things[slot] = soak.take(random);
                }
                for (Soak.Thing thing : things) {
                    if (thing != null) {
                        soak.giveBack(thing);
                    }
                }
            } catch (AssertionError | RuntimeException failed) {
                failure = failure == null ? new AssertionError("task " + number + ": " + failed, failed) : failure;
            }
            return 0;
        }
    }
}
