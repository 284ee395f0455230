package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.layout.FerriteLayout;
import ferrite.board.layout.VirtioKind;
import ferrite.board.options.BoardOptions;
import ferrite.board.options.MachineOptions;
import ferrite.hardware.turn.Interleavings;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.sched.TaskEntry;
import ferrite.kernel.work.WorkFlags;
import ferrite.kernel.work.WorkFunction;
import ferrite.kernel.work.WorkLayout;
import ferrite.testkit.MachineRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The machine of {@link SoakTest} with all drivers, and the tasks that do the work of {@link DriverSoak}. */
final class DriverPrograms {

    private static final int INSTRUCTIONS = 3_000_000;
    private static final int WARM_UP = 800_000;
    private static final int DISK_BYTES = 64 << 10;
    /** The workers that are reserved for each hart. */
    private static final int WORKERS = 2;
    /** For the disks' requests, and for the works of all others. */
    private static final int UNBOUND_WORKERS = 12;
    private static final int STACK_KIBIBYTES = 8;
    private static final int WORK_MS = 20;
    private static final String[] MODULES = {"scull", "scullc", "scullp", "scullv", "sculld", "sleepy", "jit", "jiq",
        "snull"};
    /** The network card, in the slot after two disks, the console and the entropy device. */
    private static final String CARD = "virtio_mmio@" + Long.toHexString(FerriteLayout.virtioBase(4));
    /** Faults with which each byte stays right, or the caller gets an error. */
    private static final String[] FAULTS = {"disk=error@2%", "disk=short@3%", "disk=lost@1%", "disk=spurious@5%",
        "vda=error@2%", "vda=short@3%", "vda=lost@1%", "vdb=error@2%", "vdb=spurious@5%", "copier=short@3%",
        "copier=error@2%", "copier=lost@1%", "copier=spurious@5%", "sound=lost@5%", "sound=spurious@10%",
        "hwrng=short@10%", "hwrng=lost@3%", "hwrng=spurious@10%", "hvc0=spurious@5%", "rtc0=lost@10%",
        "rtc0=spurious@20%", "uart=spurious@5%"};

    final List<String> faults = new ArrayList<>();
    LongSupplier instructions;
    private final InKernel test;
    private final Path directory;
    private final Random random;
    private final long seed;
    private final int entry;
    private final int worker;
    private final byte[] keys;
    private Kernel kernel;
    private DriverSoak soak;
    private long end;
    private boolean started;
    /** The programs that take signals; 0 for others. */
    private long[] tasks;
    private boolean fails;
    private AssertionError failure;

    DriverPrograms(InKernel test, Path directory, Random random) {
        this.test = test;
        this.directory = directory;
        this.random = random;
        this.seed = random.nextLong();
        this.entry = test.callback("soak_program", (TaskEntry) this::work);
        this.worker = test.callback("soak_worker", (WorkFunction) item -> kernel.calls().msleep(WORK_MS));
        this.keys = IntStream.range(0, 2000).mapToObj(line -> line + "\n").collect(Collectors.joining())
                .getBytes(StandardCharsets.US_ASCII);
    }

    private Path file(String name, byte[] bytes) throws IOException {
        return Files.write(directory.resolve(name), bytes);
    }

    private static byte[] contents(int number) {
        byte[] contents = new byte[DISK_BYTES];
        new Random(number).nextBytes(contents);
        return contents;
    }

    /** Describes the machine. Each second fault is drawn, the interleaving, and the ways to map memory. */
    BoardOptions machine(BoardOptions options) {
        try {
            options.disk(new BoardOptions.DiskFile(file("disk0", contents(1)), true)).disk(file("disk1", contents(2)))
                    .virtioDisk(new BoardOptions.DiskFile(file("vda", contents(3)), true))
                    .virtioDisk(file("vdb", contents(4))).virtio(VirtioKind.CONSOLE).virtio(VirtioKind.ENTROPY)
                    .sound(file("in.wav", SoundTest.wav(44_100, 8, 1, contents(5))), directory.resolve("out.wav"))
                    .rtc("2026-11-30T09:00:00Z").serialInput(file("keys", keys));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        MachineOptions.set(options, "--net", "peer");
        for (String fault : FAULTS) {
            if (random.nextBoolean()) {
                faults.add(fault);
                MachineOptions.set(options, "--fault", fault);
            }
        }
        return options.ram(48 << 20).zones(8 << 20, 28 << 20).harts(8).seed(seed)
                .interleaving(random.nextInt(3) == 0 ? Interleavings.PCT : Interleavings.RANDOM)
                .parameter("virtio-mmio.indirect", random.nextBoolean() ? "on" : "off")
                .parameter("virtio-mmio.event_idx", random.nextBoolean() ? "on" : "off")
                .guardPages(false).failPageAlloc("50,100,1000000,-1").parameter("failslab", "50,later")
                .parameter("swiotlb", random.nextBoolean() ? "on,64" : "force,64")
                .parameter("copier.width", "24").driver(test);
    }

    long checked() {
        return soak.checked();
    }

    long refused() {
        return soak.refused();
    }

    /** Makes the objects that are created at first use and kept, in a short round, and fills the memory. */
    void warmUp(MachineRun run) {
        test.run(run, this::startWorkers);
        round(run);
        test.run(run, Soak::fill);
        tidyUp(run);
        fails = true;
    }

    /** Has each task that the kernel has reserved run, and so get its stack. */
    private void startWorkers(Kernel theKernel) {
        kernel = theKernel;
        arm(false);
        int harts = kernel.base().harts();
        long items = kernel.calls().kzalloc((WORKERS * harts + UNBOUND_WORKERS) * WorkLayout.SIZE,
                Gfp.GFP_KERNEL);
        long unbound = kernel.calls().allocWorkqueue("soak", WorkFlags.WQ_UNBOUND, UNBOUND_WORKERS);
        for (int i = 0; i < WORKERS * harts + UNBOUND_WORKERS; i++) {
            long item = items + (long) i * WorkLayout.SIZE;
            kernel.calls().initWork(item, test.address(worker));
            if (i / WORKERS < harts) {
                kernel.calls().scheduleWorkOn(i / WORKERS, item);
            } else {
                kernel.calls().queueWork(unbound, item);
            }
        }
        for (int hart = 0; hart < harts; hart++) {
            kernel.tasks().tasks().wakeReserved(PerCpuLayout.KSOFTIRQD.get(kernel.base().memory(),
                    kernel.tasks().scheduler().record(hart)));
        }
        kernel.calls().msleep(10 * WORK_MS);
        kernel.calls().destroyWorkqueue(unbound);
        kernel.calls().kfree(items);
    }

    /** Loads the drivers, runs the programs, after {@link #warmUp} with failures, and removes the drivers. */
    void round(MachineRun run) {
        List<String> lines = new ArrayList<>();
        for (String module : MODULES) {
            lines.add("insmod " + module);
        }
        lines.addAll(List.of("ifconfig eth0 10.0.0.1", "ifconfig sn0 192.168.0.1", "ifconfig sn1 192.168.1.2"));
        run.type(lines.toArray(new String[0]));
        assertThat(run.err()).doesNotContain("insmod", "ifconfig");
        test.run(run, this::programs);
        assertThat(failure).isNull();
        lines.clear();
        lines.addAll(List.of("ifconfig eth0 down", "ifconfig sn0 down", "ifconfig sn1 down"));
        for (String module : MODULES) {
            lines.add("rmmod " + module);
        }
        lines.add("lsmod");
        run.forgetOutput().type(lines.toArray(new String[0]));
        assertThat(run.out()).isEqualTo("Module                  Size  Used by\n");
        assertThat(run.err()).doesNotContain("rmmod");
        tidyUp(run);
    }

    /**
     * Returns the memory that is allocated: objects by cache, areas, and pages. The number of slabs that the objects
     * lie in, which the order of the frees decides, does not count, nor do tasks, since the kernel starts workers when
     * there is work for them, and keeps them. The other tasks are listed.
     */
    static String kept(MachineRun run) {
        List<String> kept = new ArrayList<>(text(run, "vmallocinfo").lines().toList());
        int all = kept.size();
        kept.removeIf(line -> line.contains("dup_task_struct"));
        int stacks = all - kept.size();
        text(run, "slabinfo").lines().map(line -> line.replaceFirst("^(\\S+ +\\d+).*", "$1"))
                .map(line -> line.matches("(task_struct|vmap_area) .*") ? less(line, stacks) : line)
                .forEach(kept::add);
        Map<String, Integer> memory = new LinkedHashMap<>();
        text(run, "meminfo").lines().forEach(line -> memory.put(line.split(":")[0],
                Integer.parseInt(line.replaceAll("\\D+(\\d+) kB", "$1"))));
        kept.add("HighFree " + (memory.get("HighFree") + STACK_KIBIBYTES * stacks));
        kept.add("KernelStack " + (memory.get("KernelStack") - STACK_KIBIBYTES * stacks));
        kept.add("VmallocUsed " + (memory.get("VmallocUsed") - STACK_KIBIBYTES * stacks));
        kept.add("Percpu " + memory.get("Percpu"));
        kept.add("free or in slabs " + (memory.get("MemFree") + memory.get("Slab") + STACK_KIBIBYTES * stacks));
        ReadableMemory view = run.board().machine().peek(0);
        run.board().kernel().tasks().tasks().all(view).stream().map(task -> TaskLayout.COMM.get(view, task))
                .filter(name -> !name.startsWith("kworker/")).forEach(kept::add);
        return String.join("\n", kept);
    }

    /** Subtracts from a line's number of objects. */
    private static String less(String line, int objects) {
        String[] words = line.split(" +");
        return words[0] + " " + (Integer.parseInt(words[1]) - objects);
    }

    private static String text(MachineRun run, String name) {
        return run.board().kernel().files().proc().file(name).text(run.board().machine().peek(0));
    }

    /** Twice, so that the task's own record fills no slab of its own. */
    private void tidyUp(MachineRun run) {
        for (int i = 0; i < 2; i++) {
            test.run(run, theKernel -> {
                theKernel.mm().caches().shrinkAll();
                theKernel.mm().pages().pageSets().drainAll();
            });
        }
    }

    private void programs(Kernel theKernel) {
        Soak memory = new Soak(kernel, contents(1));
        soak = new DriverSoak(kernel, () -> isOver());
        plan(memory);
        started = false;
        long[] created = new long[soak.works().size()];
        tasks = new long[created.length];
        for (int i = 0; i < tasks.length; i++) {
            created[i] = kernel.tasks().tasks().createProgram("soak-" + i, test.address(entry), i);
            Soak.check(created[i] != 0, "no memory for a program");
        }
        end = instructions.getAsLong()
                + (fails ? Long.getLong("ferrite.soak.instructions", INSTRUCTIONS) : WARM_UP);
        arm(fails);
        started = true;
        for (long task : created) {
            kernel.tasks().tasks().waitFor(task);
        }
        arm(false);
        if (failure == null) {
            soak.leavesOneByte("/dev/copier");
            memory.end();
        }
    }

    private void plan(Soak memory) {
        soak.readsFrom("/dev/disk0", contents(1));
        soak.readsFrom("/dev/vda", contents(3));
        for (int part = 0; part < 2; part++) {
            soak.rewrites("/dev/disk1", part * DISK_BYTES / 2, DISK_BYTES / 2);
            soak.rewrites("/dev/vdb", part * DISK_BYTES / 2, DISK_BYTES / 2);
        }
        soak.rewrites("/dev/scull0", 0, 20_000);
        soak.rewrites("/dev/scull1", 0, 9000);
        soak.rewrites("/dev/scullc0", 0, 20_000);
        soak.rewrites("/dev/scullp0", 0, 20_000);
        soak.rewrites("/dev/scullv0", 0, 20_000);
        soak.rewrites("/dev/sculld0", 0, 20_000);
        soak.copies();
        soak.pipes("/dev/scullpipe0");
        soak.sleepsAndWakes();
        soak.readsRandomBytesAndTexts();
        soak.readsLines("/dev/hvc0");
        soak.writesTo("/dev/hvc0", 100);
        soak.writesTo("/dev/ttyS0", 100);
        soak.sounds();
        soak.rings();
        soak.pings("10.0.0.2");
        soak.pings("192.168.0.2");
        soak.setsDownAndUp("eth0");
        soak.rebinds("/sys/bus/platform/drivers/virtio-mmio", CARD, "eth0", "10.0.0.1");
        soak.reloads("short", "faulty", "simple");
        soak.takesMemory(memory);
        soak.takesMemory(memory);
        soak.interrupts(() -> tasks);
    }

    private boolean isOver() {
        return instructions.getAsLong() >= end || failure != null;
    }

    private void arm(boolean on) {
        kernel.mm().pages().failures().arm(on);
        kernel.mm().caches().failures().arm(on);
    }

    private void forgetSignals() {
        while (kernel.tasks().signals().isPending()) {
            kernel.tasks().signals().take();
        }
    }

    private int work(long number) {
        DriverSoak.Work work = soak.works().get((int) number);
        while (!started) {
            kernel.calls().msleep(1);                  // so that the last one is created soon
        }
        tasks[(int) number] = kernel.base().cpu().tp();
        Random own = new Random(seed * 31 + number);
        try {
            while (!isOver()) {
                work.step().go(own, false);
                forgetSignals();
                kernel.base().cpu().relax();           // a step may be nothing yet
            }
            tasks[(int) number] = 0;                   // no signal comes from now on
            forgetSignals();
            work.step().go(own, true);
        } catch (AssertionError | RuntimeException failed) {
            failure = failure == null ? new AssertionError(work.name() + ": " + failed, failed) : failure;
        }
        return 0;
    }
}
