package ferrite.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Machine;
import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.hardware.interrupt.IrqLine;
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
import ferrite.kernel.core.KernelEvents;
import ferrite.kernel.driver.Device;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.driver.ModuleSource;
import ferrite.kernel.irq.IrqHandler;
import ferrite.kernel.irq.IrqReturn;
import ferrite.kernel.mm.Zones;
import ferrite.kernel.sched.TaskEntry;
import ferrite.kernel.sched.WaitQueueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Timer;
import java.util.TimerTask;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * A booted kernel on the real machine, which runs Java bodies in its tasks. {@link #run} hands bodies to the kernel,
 * lets the machine run until every hart waits, and rethrows an exception of a body. A task of the fixture's driver
 * starts the bodies and reaps their tasks; the test's thread wakes it by an interrupt. Between two runs the kernel is
 * as it was before.
 */
public final class KernelFixture implements AutoCloseable {

    /**
     * A limit on instructions, far above the need of any test, so that a hanging run fails. Harts that wait for each
     * other for ever retire few instructions a second.
     */
    private static final long MAX_INSTRUCTIONS = 100_000_000;
    private static final long MAX_MILLISECONDS = 20_000;
    private static final int RAISED = WaitQueueLayout.SIZE;
    private static final int DONE = WaitQueueLayout.SIZE + 4;
    private static final int STATE_BYTES = WaitQueueLayout.SIZE + 8;

    /** The choices for a machine. */
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
        Consumer<DeviceTreeNode> moreNodes = soc -> { };
        Supplier<ModuleSource> modules = ModuleSource::none;

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

        /**
         * Turns off checks of caches and guards of blocks by default, so that a test knows the size of objects and the
         * free pages.
         */
        public Options bootArguments(String words) {
            bootArguments = ((words.contains("slub_debug=") ? "" : UNCHECKED + " ")
                    + (words.contains("guard_pages=") ? "" : UNGUARDED + " ") + words).strip();
            return this;
        }

        public Options checks(Checks value) {
            checks = value;
            return this;
        }

        /** Sets the end of low memory; the device tree is placed below it. */
        public Options lowEnd(long bytes) {
            lowEnd = bytes;
            return this;
        }

        /**
         * Adds a driver, which is probed before the fixture's own. Every kernel that attaches gets a new driver object.
         */
        public Options driver(Supplier<Driver> driver) {
            return driver(kernel -> driver.get());
        }

        /** Adds a driver that uses the kernel object itself, once the kernel has booted. */
        public Options driver(Function<Supplier<Kernel>, Driver> driver) {
            drivers.add(driver);
            return this;
        }

        /** Adds nodes to the device tree, below {@code soc}. No device is at their addresses. */
        public Options nodes(Consumer<DeviceTreeNode> adder) {
            moreNodes = adder;
            return this;
        }

        /** Adds files of drivers for {@code insmod}. Every kernel that attaches gets new driver objects. */
        public Options modules(Supplier<ModuleSource> source) {
            modules = source;
            return this;
        }

        public KernelFixture boot() {
            return new KernelFixture(this);
        }
    }

    /** The body of a task. */
    @FunctionalInterface
    public interface Body {
        void run();
    }

    /**
     * A task to create: its name, the harts that it may run on, its body, and whether the kernel sees its exceptions,
     * or only the test does.
     */
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
    public final KernelEvents events = new KernelEvents();
    /**
     * Whether caches free their empty slabs at the end of each run, so that free memory can be compared to the page.
     */
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
        assertThat(go(Turn::run)).as("why boot stopped; log: " + log + "; panic: " + machine.turn().panic())
                .isEqualTo(Turn.Stop.ALL_WAIT);
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
        return new Kernel.Configuration(drivers, log::add, violations::add, options.modules.get(), options.checks,
                booting -> FirstTask.NONE, events);
    }

    /** Returns the violations so far, and forgets them. */
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

    /** Runs tasks concurrently until all have ended. */
    public void run(List<Job> jobs) {
        Turn.Stop stop = runToStop(jobs);
        throwFailures();
        for (int i = 0; i < Math.min(exitCodes.length, jobs.size()); i++) {
            assertThat(jobs.get(i).bare() ? 0 : exitCodes[i])
                    .as("exit code of " + jobs.get(i).name() + "; log: " + log).isZero();
        }
        assertThat(stop).as("why the run stopped; log: " + log + "; panic: " + machine.turn().panic())
                .isEqualTo(Turn.Stop.ALL_WAIT);
        assertThat(peek().load32(driver.state + DONE))
                .as("finished runs: some task still sleeps, and nothing will wake it").isEqualTo(batches.size());
    }

    /**
     * Runs tasks concurrently while {@link #timer} interrupts hart 0 periodically.
     *
     * @param period  ticks between two interrupts
     * @param handler the handler's body, after it has cleared the interrupt
     */
    public void runUnderInterrupts(int period, Body handler, List<Job> jobs) {
        long address = text("timer_handler", (IrqHandler) (irq, data) -> {
            memory().store32(timerRegisters() + TestDevice.STATUS, 0);
            handler.run();
            return IrqReturn.IRQ_HANDLED;
        });
        run(() -> check(kernel.interrupts().request(timerIrq(), address, 0, 0, "timer", 0) == 0,
                "the timer's interrupt is taken"));
        int[] left = {jobs.size()};
        run(jobs.stream().map(job -> new Job(job.name, job.allowed, () -> {
            memory().store32(timerRegisters() + TestDevice.PERIOD, period);
            job.body.run();
            if (--left[0] == 0) {
                memory().store32(timerRegisters() + TestDevice.PERIOD, 0);
            }
        }, job.bare)).toList());
        run(() -> kernel.interrupts().freeIrq(timerIrq(), 0));
    }

    /** Makes a job for each hart, with the same body, which receives the hart's number. */
    public List<Job> onEveryHart(IntConsumer body) {
        List<Job> jobs = new ArrayList<>();
        for (int hart = 0; hart < options.harts; hart++) {
            int number = hart;
            jobs.add(Job.on(hart, () -> body.accept(number)));
        }
        return jobs;
    }

    /** Runs tasks like {@link #run}, for a test that expects a stop of the machine or the end of a task. */
    public Turn.Stop runToStop(List<Job> jobs) {
        batches.add(jobs);
        board.doorbell.raise();
        return go(Turn::run);
    }

    /** Runs tasks like {@link #runToStop}. Between two slices, {@code look} looks at the machine. */
    public Turn.Stop runLooking(List<Job> jobs, Runnable look) {
        batches.add(jobs);
        board.doorbell.raise();
        return go(turn -> turn.runUntilQuietOr(() -> {
            look.run();
            return false;
        }));
    }

    /**
     * Runs the machine until every hart waits and no event is due that would wake one, or until it stops for another
     * reason.
     */
    public Turn.Stop go() {
        return go(Turn::run);
    }

    private Turn.Stop go(Function<Turn, Turn.Stop> how) {
        TimerTask halt = new TimerTask() {
            @Override
            public void run() {
                machine.turn().posts().add(() -> machine.turn().stop(Turn.Stop.HALTED));
            }
        };
        watchdog.schedule(halt, MAX_MILLISECONDS);
        machine.turn().limitInstructions(machine.clock().instructions() + MAX_INSTRUCTIONS);
        Turn.Stop stop = how.apply(machine.turn());
        halt.cancel();
        return stop;
    }

    /** Runs a body, and passes its exceptions to the kernel. Returns the exit code of its task. */
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
     * Checks a condition in a task and goes on; the test fails with the first false one. Unlike an assertion, it costs
     * next to nothing, so that a test may make very many.
     */
    public static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    /** Returns the message of the {@link KernelBug} that a call throws. In a task. */
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

    /** A view of memory that only looks, while the machine waits or runs. */
    public PeekMemory peek() {
        return machine.peek(0);
    }

    public String proc(String name) {
        return kernel.files().proc().file(name).text(peek());
    }

    /**
     * Returns the use of memory: pages that are free or in slabs, and allocated objects by cache. Memory that a test
     * has freed leaves no trace here, and the places of the remaining objects do not matter.
     */
    public String accounting() {
        long pages = kernel.mm().kmalloc().slabPages(peek());
        for (int zone = 0; zone < Zones.COUNT; zone++) {
            pages += kernel.mm().zones().free(peek(), zone);
        }
        return pages + " pages " + kernel.mm().caches().live(peek());
    }

    /** The virtual address of the registers of {@link #timer}, for tasks. */
    public long timerRegisters() {
        return driver.timerRegisters;
    }

    /** Returns a source of the interrupt controller, to which no device of the fixture is connected. */
    public IrqLine irqLine(int irq) {
        return board.plic.line(irq);
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

    /** Gives a handler or an entry a text address. Only for tests in which no other kernel attaches. */
    public long text(String name, Object callback) {
        return driver.text.add(name, callback);
    }

    /** Allocates zeroed memory that is never freed, for a body or a test's driver. In a task. */
    public long zeroed(int bytes) {
        long va = kernel.calls().kzalloc(bytes, Gfp.GFP_KERNEL);
        check(va != 0, "no memory");
        return va;
    }

    // ---- attaching and restoring ----

    /** Runs until every hart waits. Returns whether an event is due later. */
    public boolean runToNextWait() {
        assertThat(go(Turn::runUntilQuiet)).isEqualTo(Turn.Stop.QUIET);
        return machine.clock().nextDue() != Long.MAX_VALUE;
    }

    /** Moves time to the next due event after {@link #runToNextWait}, as an uninterrupted run does. */
    public void passTime() {
        machine.clock().jumpTo(machine.clock().nextDue());
        machine.clock().fireDue();
    }

    /** Drops the kernel's Java objects, and makes new ones from RAM. */
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
            return calls.requestIrq(device.irq(), ring, 0, "fixture", 0);
        }

        @Override
        public void remove(Device device) { }

        private IrqReturn ring(int irq, long data) {
            calls.memory().store32(registers + TestDevice.STATUS, 0);
            calls.memory().store32(state + RAISED, calls.memory().load32(state + RAISED) + 1);
            calls.wakeUpAll(state);
            return IrqReturn.IRQ_HANDLED;
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
            boolean armed = armFailures(false);
            for (int i = 0; i < tasks.length; i++) {
                tasks[i] = kernel.tasks().tasks().createAsleep(jobs.get(i).name(), bodyEntry, (long) number << 16 | i,
                        jobs.get(i).allowed());
                check(tasks[i] != 0, "no memory for a task");
            }
            armFailures(armed);
            for (long task : tasks) {
                kernel.tasks().tasks().wakeReserved(task);
            }
            int[] codes = new int[tasks.length];
            for (int i = 0; i < tasks.length; i++) {
                codes[i] = kernel.tasks().tasks().waitFor(tasks[i]);
            }
            exitCodes = codes;
            if (shrinkAfterRuns) {
                kernel.mm().caches().shrinkAll();
            }
            kernel.mm().pages().pageSets().drainAll();       // so that free pages can be compared from run to run
        }

        /** Lets only the bodies' allocations fail, if the kernel's command line asks for failures. */
        private boolean armFailures(boolean on) {
            return kernel.mm().pages().failures() != null && kernel.mm().pages().failures().arm(on);
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
        return options.harts + " harts, " + options.interleaving + ", seed " + options.seed
                + ", exit codes " + Arrays.toString(exitCodes);
    }
}
