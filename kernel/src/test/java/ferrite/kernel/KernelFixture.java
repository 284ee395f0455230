package ferrite.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Machine;
import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.Interleavings;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.PeekMemory;
import ferrite.hardware.turn.Turn;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.KernelBug;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.check.Checks;
import ferrite.kernel.driver.Device;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.driver.ModuleSource;
import ferrite.kernel.irq.IrqHandler;
import ferrite.kernel.mm.Zones;
import ferrite.kernel.sched.TaskEntry;
import ferrite.kernel.sched.WaitQueueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Timer;
import java.util.TimerTask;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * A booted kernel on the real machine, and a way to run Java in its tasks: {@link #run} hands bodies in, lets the machine run until every hart
 * waits, and throws what a body threw. Bodies are started by a task of the fixture's driver, which the test's thread wakes by an interrupt, and
 * buries them when all have ended; so between two runs everything is as it was before.
 */
public final class KernelFixture implements AutoCloseable {

    /** Far more than any run of a test needs: one that hangs fails here. Harts that wait for each other for ever retire few instructions a second. */
    private static final long MOST_INSTRUCTIONS = 100_000_000;
    private static final long MOST_MILLISECONDS = 20_000;
    private static final int RAISED = WaitQueueLayout.SIZE;
    private static final int DONE = WaitQueueLayout.SIZE + 4;
    private static final int STATE_BYTES = WaitQueueLayout.SIZE + 8;

    /** What can be chosen about a machine. */
    public static final class Options {

        private static final String UNCHECKED = "slub_debug=off";
        private static final String UNGUARDED = "guard_pages=off";

        long ramBytes = 64L << 20;
        long lowEnd = 896L << 20;
        int harts = 1;
        long seed = 1;
        Interleavings interleaving = Interleavings.RR;
        String bootArguments = UNCHECKED + " " + UNGUARDED;
        Checks checks = Checks.DEFAULT;
        final List<Function<Supplier<Kernel>, Driver>> drivers = new ArrayList<>();

        public Options ram(long bytes) {
            ramBytes = bytes;
            return this;
        }

        public Options harts(int count) {
            harts = count;
            return this;
        }

        public Options interleaving(Interleavings policy, long withSeed) {
            interleaving = policy;
            seed = withSeed;
            return this;
        }

        /** Caches check nothing, and blocks have no guards, unless it is said that they shall: a test knows how large an object is, and what is free. */
        public Options bootArguments(String words) {
            bootArguments = ((words.contains("slub_debug=") ? "" : UNCHECKED + " ") + (words.contains("guard_pages=") ? "" : UNGUARDED + " ") + words).strip();
            return this;
        }

        public Options checks(Checks value) {
            checks = value;
            return this;
        }

        /** Where the kernel will be told that low memory ends; the device tree is put below it. */
        public Options lowEnd(long bytes) {
            lowEnd = bytes;
            return this;
        }

        /** A driver beside the fixture's own, probed before it; a new one for every kernel that attaches. */
        public Options driver(Supplier<Driver> driver) {
            return driver(kernel -> driver.get());
        }

        /** As {@link #driver(Supplier)}, for a driver that reaches into the kernel, which it can do once the kernel has booted. */
        public Options driver(Function<Supplier<Kernel>, Driver> driver) {
            drivers.add(driver);
            return this;
        }

        public KernelFixture boot() {
            return new KernelFixture(this);
        }
    }

    /** What a task does. */
    @FunctionalInterface
    public interface Body {
        void run();
    }

    /** A task to be: its name, the harts it may run on, what it does, and whether the kernel sees what it throws, or only the test does. */
    public record Job(String name, int allowed, Body body, boolean bare) {

        public static Job of(String name, int allowed, Body body) {
            return new Job(name, allowed, body, false);
        }

        public static Job on(int hart, Body body) {
            return of("hart-" + hart, 1 << hart, body);
        }
    }

    public final Machine machine;
    public final TestDevice timer;
    public final TestDmaDevice dmaDevice;
    public final TestDmaDevice wordDmaDevice;
    /** The kernel's log, line by line. */
    public final List<String> log = new ArrayList<>();
    public final List<Violation> violations = new ArrayList<>();
    /** Whether caches give their empty slabs back at the end of each run, so that free memory can be compared to the page. */
    public boolean shrinkAfterRuns;
    private final Timer watchdog = new Timer("watchdog", true);
    private final TestBoard board;
    private final Options options;
    private final FixtureDriver driver = new FixtureDriver();
    private final List<List<Job>> batches = new ArrayList<>();
    private final List<Throwable> failures = new ArrayList<>();
    private int[] exitCodes = {};
    private Kernel kernel;

    private KernelFixture(Options options) {
        this.options = options;
        board = new TestBoard(options);
        machine = board.machine;
        timer = board.timer;
        dmaDevice = board.dmaDevice;
        wordDmaDevice = board.wordDmaDevice;
        kernel = Kernel.install(machine, configuration());
        assertThat(go(Turn::run)).as("why boot stopped; log: " + log + "; panic: " + machine.turn().panic()).isEqualTo(Turn.Stop.ALL_WAIT);
    }

    public static Options options() {
        return new Options();
    }

    /** One hart, 64 MiB. */
    public static KernelFixture small() {
        return options().boot();
    }

    private Kernel.Configuration configuration() {
        List<Driver> drivers = new ArrayList<>();
        options.drivers.forEach(each -> drivers.add(each.apply(() -> kernel)));
        drivers.add(driver);
        return new Kernel.Configuration(drivers, log::add, violations::add, ModuleSource.none(), options.checks, booting -> FirstTask.NONE);
    }

    /** The rules of the kernel's that were broken so far, which are forgotten by this. */
    public List<Violation> takeViolations() {
        List<Violation> taken = List.copyOf(violations);
        violations.clear();
        return taken;
    }

    // ---- running ----

    /** Runs a body as a task. */
    public void run(Body body) {
        run(List.of(Job.of("body", allHarts(), body)));
    }

    /** Runs tasks side by side until all have ended. */
    public void run(List<Job> jobs) {
        Turn.Stop stop = runToStop(jobs);
        throwFailures();
        for (int i = 0; i < Math.min(exitCodes.length, jobs.size()); i++) {
            assertThat(jobs.get(i).bare() ? 0 : exitCodes[i]).as("exit code of " + jobs.get(i).name() + "; log: " + log).isZero();
        }
        assertThat(stop).as("why the run stopped; log: " + log + "; panic: " + machine.turn().panic()).isEqualTo(Turn.Stop.ALL_WAIT);
        assertThat(peek().load32(driver.state + DONE)).as("finished runs: some task still sleeps, and nothing will wake it").isEqualTo(batches.size());
    }

    /**
     * Runs tasks side by side while {@link #timer} interrupts hart 0 again and again.
     *
     * @param period  ticks between two interrupts
     * @param handler what the handler does after it has taken the interrupt down
     */
    public void runUnderInterrupts(int period, Body handler, List<Job> jobs) {
        long address = text("timer_handler", (IrqHandler) (irq, data) -> {
            memory().store32(timerRegisters() + TestDevice.STATUS, 0);
            handler.run();
            return true;
        });
        run(() -> check(kernel.interrupts().requestIrq(timerIrq(), address, "timer", 0) == 0, "the timer's interrupt is taken"));
        int[] left = {jobs.size()};
        run(jobs.stream().map(job -> new Job(job.name, job.allowed, () -> {
            memory().store32(timerRegisters() + TestDevice.PERIOD, period);
            job.body.run();
            if (--left[0] == 0) {
                memory().store32(timerRegisters() + TestDevice.PERIOD, 0);
            }
        }, job.bare)).toList());
        run(() -> kernel.interrupts().freeIrq(timerIrq()));
    }

    /** The same body for each hart, which is given its number. */
    public List<Job> onEveryHart(IntConsumer body) {
        List<Job> jobs = new ArrayList<>();
        for (int hart = 0; hart < options.harts; hart++) {
            int number = hart;
            jobs.add(Job.on(hart, () -> body.accept(number)));
        }
        return jobs;
    }

    /** As {@link #run}, for who expects the machine to stop, or a task to be killed. */
    public Turn.Stop runToStop(List<Job> jobs) {
        batches.add(jobs);
        board.doorbell.raise();
        return go(Turn::run);
    }

    /** Runs the machine until every hart waits and nothing is due that would wake one, or something else stops it. */
    public Turn.Stop go() {
        return go(Turn::run);
    }

    private Turn.Stop go(Function<Turn, Turn.Stop> how) {
        TimerTask halt = new TimerTask() {
            @Override
            public void run() {
                machine.turn().post(() -> machine.turn().stop(Turn.Stop.HALTED));
            }
        };
        watchdog.schedule(halt, MOST_MILLISECONDS);
        machine.turn().limitInstructions(machine.clock().instructions() + MOST_INSTRUCTIONS);
        Turn.Stop stop = how.apply(machine.turn());
        halt.cancel();
        return stop;
    }

    /** Runs a body with nothing between it and the kernel: returns the exit code of its task. */
    public int exitCodeOf(Body body) {
        run(List.of(new Job("victim", allHarts(), body, true)));
        return exitCodes[0];
    }

    private void throwFailures() {
        if (!failures.isEmpty()) {
            Throwable first = failures.get(0);
            AssertionError error = new AssertionError("in a task: " + first, first);
            failures.stream().skip(1).forEach(error::addSuppressed);
            failures.clear();
            throw error;
        }
    }

    public int allHarts() {
        return (1 << options.harts) - 1;
    }

    /**
     * Checks something in a task and goes on; the test fails with the first that was false. (An assertion would do too; this says what it is in a few words, and
     * costs next to nothing where there are very many.)
     */
    public static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    /** The message of the {@link KernelBug} that a call throws. In a task. */
    public static String bugOf(Body call) {
        try {
            call.run();
        } catch (KernelBug bug) {
            return bug.getMessage();
        }
        throw new AssertionError("no KernelBug was thrown");
    }

    // ---- the machine's parts ----

    public Kernel kernel() {
        return kernel;
    }

    public KernelMemory memory() {
        return machine.memory();
    }

    public KernelCpu cpu() {
        return machine.cpu();
    }

    /** Memory to look at, while the machine waits or runs. */
    public PeekMemory peek() {
        return machine.peek(0);
    }

    public String proc(String name) {
        return kernel.files().proc().file(name).text(peek());
    }

    /**
     * Who has how much: pages that are free or in slabs, and allocated objects by cache. What a test has given back leaves no trace here, wherever the objects of those
     * that go on living have come to lie.
     */
    public String accounting() {
        long pages = kernel.mm().kmalloc().slabPages(peek());
        for (int zone = 0; zone < Zones.COUNT; zone++) {
            pages += kernel.mm().zones().free(peek(), zone);
        }
        return pages + " pages " + kernel.mm().caches().live(peek());
    }

    /** The registers of {@link #timer}, where tasks reach them. */
    public long timerRegisters() {
        return driver.timerRegisters;
    }

    public int timerIrq() {
        return TestBoard.TIMER_IRQ;
    }

    public int dmaChannel() {
        return TestBoard.DMA_CHANNEL;
    }

    public int wordDmaChannel() {
        return TestBoard.WORD_DMA_CHANNEL;
    }

    /** The DMA device's request line. From a task or from outside. */
    public void requestDma(boolean level) {
        board.dmaRequest.set(level);
    }

    public void requestWordDma(boolean level) {
        board.wordDmaRequest.set(level);
    }

    /** Gives a handler or an entry a text address. Part of setting up a test: what has it cannot be attached. */
    public long text(String name, Object callback) {
        return driver.text.add(name, callback);
    }

    /** How many bytes of zeroed memory, never given back, a body or a test's driver likes to have. In a task. */
    public long zeroed(int bytes) {
        long va = kernel.calls().kzalloc(bytes, Gfp.GFP_KERNEL);
        check(va != 0, "no memory");
        return va;
    }

    // ---- being forgotten and restored ----

    /** Runs until every hart waits, whatever is due later. Returns whether anything is. */
    public boolean runToNextWait() {
        assertThat(go(Turn::runUntilQuiet)).isEqualTo(Turn.Stop.QUIET);
        return machine.clock().nextDue() != Long.MAX_VALUE;
    }

    /** After {@link #runToNextWait}: time passes to what is due next, as it does by itself in a run that nobody stops. */
    public void passTime() {
        machine.clock().jumpTo(machine.clock().nextDue());
        machine.clock().fireDue();
    }

    /** Throws the kernel's Java objects away and makes new ones from RAM. */
    public void reattach() {
        assertThat(kernel.isQuiescent()).as("quiescent").isTrue();
        kernel = Kernel.attach(machine, configuration());
    }

    public Machine.Snapshot snapshot() {
        assertThat(kernel.isQuiescent()).as("quiescent").isTrue();
        return machine.snapshot();
    }

    public void restore(Machine.Snapshot snapshot) {
        machine.restore(snapshot);
        kernel = Kernel.attach(machine, configuration());
    }

    @Override
    public void close() {
        watchdog.cancel();
        machine.close();
    }

    /** Serves the doorbell: starts a batch of tasks for each ring. */
    private final class FixtureDriver implements Driver {

        private KernelCalls calls;
        private TextTable.Module text;
        private long ring;
        private long mainEntry;
        private long bodyEntry;
        private long state;
        private long registers;
        private long timerRegisters;

        @Override
        public String name() {
            return "fixture";
        }

        @Override
        public List<String> compatible() {
            return List.of("ferrite,test");
        }

        @Override
        public void link(KernelCalls newKernel, TextTable.Module newText) {
            calls = newKernel;
            text = newText;
            ring = text.add("fixture_ring", (IrqHandler) this::ring);
            mainEntry = text.add("fixture_main", (TaskEntry) this::main);
            bodyEntry = text.add("fixture_body", (TaskEntry) this::body);
        }

        @Override
        public int probe(Device device) {
            registers = calls.ioremap(device.registers().address(), device.registers().size());
            timerRegisters = calls.ioremap(TestBoard.TIMER, TestDevice.BYTES);
            state = calls.kzalloc(STATE_BYTES, Gfp.GFP_KERNEL);
            calls.initWaitqueueHead(state);
            calls.kthreadRun("fixture", mainEntry, 0);
            return calls.requestIrq(device.irq(), ring, "fixture", 0);
        }

        @Override
        public void remove(Device device) { }

        private boolean ring(int irq, long data) {
            calls.memory().store32(registers + TestDevice.STATUS, 0);
            calls.memory().store32(state + RAISED, calls.memory().load32(state + RAISED) + 1);
            calls.wakeUpAll(state);
            return true;
        }

        private int main(long unused) {
            if (!hasRung()) {
                calls.prepareToWait(state);
                if (hasRung()) {
                    calls.finishWait(state);
                }
                return TaskEntry.AGAIN;
            }
            int done = calls.memory().load32(state + DONE);
            runBatch(done);
            calls.memory().store32(state + DONE, done + 1);
            return TaskEntry.AGAIN;
        }

        private boolean hasRung() {
            return calls.memory().load32(state + RAISED) != calls.memory().load32(state + DONE);
        }

        private void runBatch(int number) {
            List<Job> jobs = batches.get(number);
            long[] tasks = new long[jobs.size()];
            for (int i = 0; i < tasks.length; i++) {
                tasks[i] = kernel.tasks().tasks().create(jobs.get(i).name(), bodyEntry, (long) number << 16 | i, jobs.get(i).allowed());
                check(tasks[i] != 0, "no memory for a task");
            }
            int[] codes = new int[tasks.length];
            for (int i = 0; i < tasks.length; i++) {
                codes[i] = kernel.tasks().tasks().waitFor(tasks[i]);
            }
            exitCodes = codes;
            if (shrinkAfterRuns) {
                kernel.mm().caches().shrinkAll();
            }
            kernel.mm().pages().pageSets().drainAll();       // so that what is free can be compared from run to run
        }

        private int body(long argument) {
            Job job = batches.get((int) (argument >>> 16)).get((int) argument & 0xffff);
            try {
                job.body().run();
                return 0;
            } catch (AssertionError | RuntimeException failed) {
                if (job.bare()) {
                    throw failed;
                }
                failures.add(failed);
                return 1;
            }
        }
    }

    @Override
    public String toString() {
        return options.harts + " harts, " + options.interleaving + ", seed " + options.seed + ", exit codes " + Arrays.toString(exitCodes);
    }
}
