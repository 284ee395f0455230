package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import ferrite.board.options.Translation;
import ferrite.hardware.Machine;
import ferrite.hardware.Seed;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.hart.PrivilegeMode;
import ferrite.hardware.turn.Interleavings;
import ferrite.hardware.turn.Turn;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.FileOperations;
import ferrite.kernel.sched.HrTimerFunction;
import ferrite.kernel.sched.HrTimerLayout;
import ferrite.kernel.sched.TaskEntry;
import ferrite.kernel.sched.TaskletLayout;
import ferrite.kernel.sched.TimerFunction;
import ferrite.kernel.work.WorkFunction;
import ferrite.kernel.work.WorkLayout;
import ferrite.testkit.MachineRun;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Programs of machine code, which {@code exec} executes from {@code --root}. */
@Timeout(120)
class UserProgramsTest {

    private static final Path IMAGES = Path.of("../../firmware-images/user/images");
    private static final String HELLO = """
            hello from /bin/hello, 32 bits
            argument 1: big
            argument 2: world
            environment: HOME=/
            environment: PATH=/sbin:/bin:/usr/sbin:/usr/bin
            motd: welcome to ferrite
            """;
    private static final String WELL = "well: 396 checks\n";
    private static final String SLEEPER = "child ended with 5\n";

    @TempDir
    private static Path root;

    @TempDir
    private Path directory;

    @BeforeAll
    static void fillRoot() throws IOException {
        Files.createDirectories(root.resolve("bin"));
        Files.createDirectories(root.resolve("etc"));
        for (String name : List.of("hello", "checks", "sleeper", "pace")) {
            executable(Files.readAllBytes(IMAGES.resolve(name + ".elf")), root.resolve("bin").resolve(name));
        }
        executable("text\n".getBytes(StandardCharsets.UTF_8), root.resolve("bin/text"));
        Files.writeString(root.resolve("etc/motd"), "welcome to ferrite\n");
        Files.createDirectories(root.resolve("etc/other/dir"));
        Files.writeString(root.resolve("etc/other/small"), "small\n");
        Files.createSymbolicLink(root.resolve("bin/hi"), Path.of("hello"));
        Files.createSymbolicLink(root.resolve("etc/checks"), Path.of("../bin/checks"));
        Files.createSymbolicLink(root.resolve("etc/dlink"), Path.of("other/dir"));
        Files.createSymbolicLink(root.resolve("etc/loop"), Path.of("loop"));
        Files.createDirectories(root.resolve("etc/chain"));
        for (int i = 0; i <= 40; i++) {
            Files.createSymbolicLink(root.resolve("etc/chain/" + i), Path.of(i == 0 ? "../motd" : i - 1 + ""));
        }
        Files.createSymbolicLink(root.resolve("etc/outside"), Path.of("/etc/hostname"));
    }

    /** JUnit warns of links that lead out of its folder, or nowhere. */
    @AfterAll
    static void removeLinks() throws IOException {
        Files.delete(root.resolve("etc/outside"));
        Files.delete(root.resolve("etc/loop"));
        Files.delete(root.resolve("etc/chain/40"));
    }

    private static void executable(byte[] program, Path file) throws IOException {
        Files.write(file, program);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private static BoardOptions options(Path files) {
        return new BoardOptions().ram(64 << 20).root(files);
    }

    @Test
    void aProgramGetsArgumentsEnvironmentAndFiles() throws IOException {
        Run run = Run.of(options(root), "exec /bin/hello big world", "/bin/hi big world", "cat /etc/motd", "ls /bin");
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).isEqualTo(HELLO + HELLO.replace("/bin/hello", "/bin/hi")
                + "welcome to ferrite\nchecks\nhello\nhi\npace\nsleeper\ntext\n");
        assertThat(run.status()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"1, RR, 1", "4, RANDOM, 7", "8, PCT, 3"})
    void systemCallsAndMemoryAreLinuxes(int harts, Interleavings interleaving, long seed) throws IOException {
        Run run = Run.of(options(root).harts(harts).interleaving(interleaving).seed(seed), "exec /bin/checks",
                "cat /proc/slabinfo");
        assertThat(run.out()).startsWith(WELL).doesNotContain("line ");
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
    }

    @Test
    void positionsFarPastTheEndOfADeviceArePastItsEnd() throws IOException {
        BoardOptions options = options(root).disk(Files.write(directory.resolve("disk.img"), new byte[1 << 20]));
        Run run = Run.of(options, "cp /dev/disk0 /dev/copier", "exec /bin/checks end /dev/disk0",
                "exec /bin/checks end /dev/copier");
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).isEqualTo("well: 124 checks of /dev/disk0\nwell: 124 checks of /dev/copier\n");
    }

    @Test
    void theShellFollowsLinks() throws IOException {
        Run run = Run.of(options(root), "cat /etc/dlink/../small", "ls /etc/dlink/..", "ls -l /bin", "ls /proc/self",
                "cat /etc/motd/", "cat /etc/loop");
        assertThat(run.out()).startsWith("small\ndir\nsmall\n").contains("\nlrwxrwxrwx 1 root root 5 hi -> hello\n")
                .endsWith("\nmaps\nstat\nstatus\n");
        assertThat(run.err()).isEqualTo("cat: /etc/motd/: Not a directory\n"
                + "cat: /etc/loop: Too many levels of symbolic links\n");
    }

    @Test
    void allMemoryComesBack() throws IOException {
        try (MachineRun run = MachineRun.start(options(root))) {
            String[] commands = {"exec /bin/checks", "exec /bin/sleeper", "exec /bin/hello", "exec /bin/none"};
            run.type(commands).type(commands);
            long before = free(run);
            run.forgetOutput();
            run.type(commands);
            assertThat(free(run)).isEqualTo(before);
            assertThat(run.err()).isEqualTo("exec: /bin/none: No such file or directory\n");
        }
    }

    private static byte[] bytes(Random random) {
        byte[] bytes = new byte[256 << 10];
        random.nextBytes(bytes);
        return bytes;
    }

    private static long free(MachineRun run) {
        Matcher free = Pattern.compile("MemFree: +(\\d+) kB").matcher(
                run.board().kernel().files().proc().file("meminfo").text(run.board().machine().peek(0)));
        assertThat(free.find()).isTrue();
        return Long.parseLong(free.group(1));
    }

    /** Programs, drivers, interrupts, deferred work, DMA and inspectors at once. */
    @ParameterizedTest
    @EnumSource
    void everythingRunsAtOnceOnEightHarts(Interleavings interleaving) throws IOException {
        Seed seed = Seed.fresh();
        Path disk = Files.write(directory.resolve("disk.img"), bytes(seed.random(1)));
        BoardOptions options = options(root).harts(8).interleaving(interleaving).seed(seed.random(0).nextLong())
                .disk(disk).driver(new Spinner());
        Run run = Run.of(options, "exec /bin/checks &", "cat /dev/spin &", "sha256sum /dev/disk0 &",
                "exec /bin/sleeper &",
                "cat /proc/slabinfo /proc/zoneinfo /proc/interrupts &", "cp /dev/disk0 /dev/copier &",
                "exec /bin/pace fork 8 &", "exec /bin/pace pipe 1000 &", "exec /bin/pace fault 1000 &",
                "exec /bin/checks &", "wait",
                "sha256sum /dev/disk0 /dev/copier", "cat /proc/meminfo");
        assertThat(run.err()).as(seed.replay(interleaving)).isEmpty();
        assertThat(run.out()).as(seed.replay(interleaving)).containsPattern("(?s)" + WELL + ".*" + WELL)
                .contains(SLEEPER).containsPattern("([0-9a-f]{64})  /dev/disk0(?s:.*)\\1  /dev/copier");
        assertThat(run.status()).isZero();
    }

    @Test
    void theSameSeedGivesTheSameRun() throws IOException {
        BoardOptions options = options(root).interleaving(Interleavings.RANDOM).seed(5);
        String[] commands = {"exec /bin/sleeper &", "exec /bin/checks &", "wait"};
        assertThat(Run.of(options, commands)).usingRecursiveComparison().isEqualTo(Run.of(options, commands));
    }

    /** Machine code is translated when it is first executed, in programs of several processes and all their calls. */
    @Test
    void translatedProgramsDoTheSame() throws IOException {
        Seed seed = Seed.fresh();
        Interleavings[] all = Interleavings.values();
        Interleavings interleaving = all[seed.random(2).nextInt(all.length)];
        BoardOptions options = options(root).harts(1 + seed.random(1).nextInt(4)).interleaving(interleaving)
                .seed(seed.random(0).nextLong());
        String[] commands = {"exec /bin/checks &", "exec /bin/sleeper &", "exec /bin/pace fork 4 &",
            "exec /bin/pace fault 100 &", "wait"};
        Run interpreted = Run.of(options.translation(Translation.OFF), commands);
        assertThat(interpreted.out()).contains(WELL.strip());
        assertThat(Run.of(options.translation(Translation.EAGER), commands)).as(seed.replay(interleaving))
                .usingRecursiveComparison().isEqualTo(interpreted);
    }

    /**
     * The kernel is forgotten and the machine goes back to snapshots while programs sleep, and wait for children, pipes
     * and events: no wait of the kernel's own keeps a Java frame.
     */
    @ParameterizedTest
    @CsvSource({"1, RR", "4, RANDOM"})
    void theKernelIsForgottenWhileProgramsSleep(int harts, Interleavings interleaving) throws IOException {
        BoardOptions options = options(root).harts(harts).interleaving(interleaving).seed(9);
        try (MachineRun sane = MachineRun.start(options); MachineRun amnesiac = MachineRun.start(options)) {
            Machine.Digest expected = sleepers(sane, false);
            assertThat(sleepers(amnesiac, true)).isEqualTo(expected);
            assertThat(amnesiac.out()).isEqualTo(sane.out()).contains(SLEEPER, "pipe: 0 3 abc\n",
                    "pipe: 67539 bytes, b2b31f70\n", "writer ended with 7\n");
        }
    }

    private static Machine.Digest sleepers(MachineRun run, boolean forgets) {
        run.type("exec /bin/sleeper &", "exec /bin/sleeper &");
        Machine machine = run.board().machine();
        int forgotten = 0;
        while (machine.clock().nextDue() != Long.MAX_VALUE) {
            assertThat(run.board().kernel().tasks().restless(machine.peek(0))).isEmpty();
            forgotten++;
            if (forgets && forgotten % 2 == 0) {
                run.board().reattach();
            } else if (forgets) {
                run.board().restore(run.board().snapshot());
            }
            machine.clock().jumpTo(machine.clock().nextDue());
            machine.clock().fireDue();
            Turn.Stop stop = Turn.Stop.INPUT_WANTED;
            while (stop == Turn.Stop.INPUT_WANTED) {
                stop = machine.turn().runUntilQuiet();
            }
            assertThat(stop).isEqualTo(Turn.Stop.QUIET);
        }
        assertThat(forgotten).as("how often all tasks slept").isGreaterThan(15);
        return machine.digest();
    }

    /** The kernel is forgotten and the machine goes back to snapshots while harts execute programs. */
    @ParameterizedTest
    @CsvSource({"1, RR, 11", "4, RANDOM, 12", "8, PCT, 13"})
    void theKernelIsForgottenWhileProgramsRun(int harts, Interleavings interleaving, long seed) throws IOException {
        Supplier<BoardOptions> options = () -> options(root).harts(harts).interleaving(interleaving).seed(seed)
                .driver(new Spinner());
        try (MachineRun sane = MachineRun.start(options.get()); MachineRun amnesiac = MachineRun.start(options.get())) {
            Machine.Digest expected = runners(sane, false);
            assertThat(runners(amnesiac, true)).isEqualTo(expected);
            assertThat(amnesiac.out()).isEqualTo(sane.out()).contains(WELL).contains(SLEEPER);
            assertThat(amnesiac.err()).isEmpty();
        }
    }

    /** Has a task that passes its restart point all the time, and a timer with a task, a tasklet and a work item. */
    private static final class Spinner implements Driver {

        private static final int ROUNDS = 20_000;
        private static final int QUEUE = 8;
        private static final int TIMER = 64;
        private static final int TASKLET = TIMER + HrTimerLayout.SIZE;
        private static final int WORK = TASKLET + TaskletLayout.SIZE;
        private static final int SUM = WORK + WorkLayout.SIZE;
        private static final int BYTES = SUM + 4;
        private static final int NANOSECONDS = 73_100;

        private KernelCalls kernel;
        private long spin;
        private long beat;
        private long timer;
        private long tasklet;
        private long work;
        private long operations;

        @Override
        public String name() {
            return "spinner";
        }

        @Override
        public void link(KernelCalls newKernel, TextTable.Module text) {
            kernel = newKernel;
            spin = text.add("spin", (TaskEntry) this::spin);
            beat = text.add("beat", (TaskEntry) this::beat);
            timer = text.add("timer", (HrTimerFunction) at -> {
                kernel.wakeUp(at - TIMER + QUEUE);
                kernel.taskletSchedule(at - TIMER + TASKLET);
                kernel.hrtimerForwardNow(at, NANOSECONDS);
                return !isOver(at - TIMER);
            });
            tasklet = text.add("tasklet", (TimerFunction) shared -> kernel.scheduleWork(shared + WORK));
            work = text.add("work", (WorkFunction) item -> kernel.atomicInc(item - WORK + SUM));
            operations = text.add("spin_fops", new FileOperations() {
                @Override
                public int read(long file, long to, int count, long position) {
                    return begin();
                }
            });
        }

        @Override
        public int init() {
            return kernel.cdevAdd("spin", operations, 0);
        }

        private int begin() {
            long shared = kernel.kzalloc(BYTES, Gfp.GFP_KERNEL);
            kernel.initWaitqueueHead(shared + QUEUE);
            kernel.hrtimerInit(shared + TIMER, timer);
            kernel.taskletInit(shared + TASKLET, tasklet, shared);
            kernel.initWork(shared + WORK, work);
            kernel.schedSetFifo(kernel.kthreadRun("beat", beat, shared));
            kernel.kthreadRun("spin", spin, shared);
            kernel.hrtimerStart(shared + TIMER, NANOSECONDS, KernelCalls.HRTIMER_MODE_REL);
            return 0;
        }

        private boolean isOver(long shared) {
            return kernel.memory().load32(shared) >= ROUNDS;
        }

        private int spin(long shared) {
            kernel.memory().store32(shared, kernel.memory().load32(shared) + 1);
            return isOver(shared) ? 0 : TaskEntry.AGAIN;
        }

        private int beat(long shared) {
            kernel.prepareToWait(shared + QUEUE);
            if (isOver(shared)) {
                kernel.finishWait(shared + QUEUE);
                return 0;
            }
            return TaskEntry.AGAIN;
        }
    }

    private static Machine.Digest runners(MachineRun run, boolean forgets) {
        for (String line : List.of("cat /dev/spin", "exec /bin/checks &", "exec /bin/sleeper &",
                "exec /bin/pace fork 10 &", "exec /bin/pace fault 200 &", "exec /bin/pace getpid 3000 &")) {
            run.board().console().input(line);
        }
        Machine machine = run.board().machine();
        int running = 0;
        for (;;) {
            Turn.Stop stop = machine.turn().runUntilQuietOr(run.board().kernel()::isQuiescent);
            assertThat(stop).as("" + machine.turn().panic()).isIn(Turn.Stop.QUIET, Turn.Stop.INPUT_WANTED);
            if (stop == Turn.Stop.QUIET && run.board().kernel().isQuiescent()) {
                running += machine.harts().stream().anyMatch(hart -> hart.mode() == PrivilegeMode.U) ? 1 : 0;
                if (forgets && running % 2 == 0) {
                    run.board().reattach();
                } else if (forgets) {
                    run.board().restore(run.board().snapshot());
                }
            }
            if (stop == Turn.Stop.QUIET && machine.harts().stream().noneMatch(Hart::isRunnable)) {
                if (machine.clock().nextDue() == Long.MAX_VALUE) {
                    assertThat(running).as("how often programs ran").isGreaterThan(20);
                    return machine.digest();
                }
                machine.clock().jumpTo(machine.clock().nextDue());
                machine.clock().fireDue();
            } else if (stop == Turn.Stop.QUIET) {
                run.board().machine().turn().limitInstructions(machine.clock().instructions() + 200_000);
                machine.turn().run();
                run.board().machine().turn().limitInstructions(Long.MAX_VALUE);
            }
        }
    }

    @Test
    void procShowsThePrograms() throws IOException {
        Run run = Run.of(options(root), "exec /bin/sleeper &", "sleep 0.001", "cat /proc/3/maps", "cat /proc/3/stat",
                "ps", "cat /proc/self/maps", "kill 3");
        assertThat(run.out()).containsPattern("""
                00010000-0001[0-9]000 r-xp 00000000 00:00 [0-9]+ +/bin/sleeper
                0001[0-9]000-0001[0-9]000 rw-p 0000[0-9]000 00:00 [0-9]+ +/bin/sleeper
                0001[0-9]000-000[0-9]+000 rw-p 00000000 00:00 0 +\\[heap]
                bf[0-9a-f]+-bfffe000 rw-p 00000000 00:00 0 +\\[stack]
                bfffe000-bffff000 r-xp 00000000 00:00 0 +\\[vdso]
                3 \\(sleeper\\) S 1 0 0 0 -1 0 [1-9][0-9]* 0 0 0 [0-9]+ [0-9]+ 0 0 20 0 1 0 [0-9]+ [1-9][0-9]{6}""")
                .contains("sleeper").doesNotContain("/proc/self");
        assertThat(run.err()).isEqualTo("'exec /bin/sleeper &' ended with status 143 and no message\n");
    }

    /** The lines about memory are those of a program only. */
    @Test
    void theStatusOfAProgramHasItsMemory() throws IOException {
        Run run = Run.of(options(root), "exec /bin/sleeper &", "sleep 0.001", "cat /proc/3/status", "cat /proc/3/stat",
                "kill 3");
        Matcher sizes = Pattern.compile("Name:\tsleeper\nState:\tS \\(sleeping\\)\nTgid:\t3\nNgid:\t0\nPid:\t3\n"
                + "PPid:\t1\nTracerPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nVmSize:\t( {0,7}\\d+) kB\n"
                + "VmRSS:\t( {0,7}\\d+) kB\nThreads:\t1\nSigPnd:\t0{16}\nSigBlk:\t0{16}\n"
                + "SigIgn:\t0{16}\nSigCgt:\t0{16}\n(.*)\n")
                .matcher(run.out());
        assertThat(sizes.matches()).as(run.out()).isTrue();
        String[] stat = sizes.group(3).split(" ");
        assertThat(sizes.group(1)).hasSize(8).isEqualTo(String.format("%8d", Long.parseLong(stat[22]) / 1024));
        assertThat(sizes.group(2)).hasSize(8).isEqualTo(String.format("%8d", Long.parseLong(stat[23]) * 4));
    }

    @Test
    void aProgramWhoseParentHasEndedIsReapedByTheShell() throws IOException {
        try (MachineRun run = MachineRun.start(options(root))) {
            run.type("exec /bin/sleeper &", "sleep 0.001", "kill -9 3", "sleep 0.1", "ps");
            assertThat(run.out()).contains("child 3").doesNotContain("sleeper");
        }
    }

    @Test
    void aProgramThatTakesAllMemoryIsKilled() throws IOException {
        try (MachineRun run = MachineRun.start(options(root).ram(24 << 20))) {
            run.type("exec /bin/pace hog 100", "exec /bin/pace hog 100");
            long before = free(run);
            run.type("exec /bin/pace hog 100000", "dmesg");
            assertThat(run.err()).isEqualTo("sh: the program was ended by signal 9; 'dmesg' shows a fault\n");
            assertThat(run.out()).contains("Out of memory: Killed process 5 (pace)");
            assertThat(free(run)).isGreaterThan(before - 256);
        }
    }

    @Test
    void theInterruptKeyEndsAProgram() throws IOException {
        try (MachineRun run = MachineRun.start(options(root))) {
            run.interruptAfter(2000).type("exec /bin/pace getpid 100000000", "echo ended");
            assertThat(run.out()).endsWith("ended\n");
        }
    }

    @Test
    void whatCannotBeExecutedIsExplained() throws IOException {
        assertThat(refused("/bin/none")).isEqualTo("exec: /bin/none: No such file or directory\n");
        assertThat(refused("/bin/text")).isEqualTo("exec: /bin/text: Exec format error: it is no ELF file\n");
        assertThat(refused("/etc/motd")).isEqualTo("exec: /etc/motd: Permission denied\n");
        assertThat(refused("/bin")).isEqualTo("exec: /bin: Permission denied\n");
        assertThat(refused("/dev/null")).isEqualTo("exec: /dev/null: Permission denied\n");
        assertThat(Run.of(options(root), "cat /etc/outside").err())
                .isEqualTo("cat: /etc/outside: No such file or directory\n");
        assertThat(Run.of(options(root), "exec").err()).contains("usage: exec PROGRAM");
        assertThat(Run.of(new BoardOptions().ram(64 << 20), "exec /bin/hello").err())
                .isEqualTo("exec: /bin/hello: No such file or directory\n");
    }

    @Test
    void aProgramThatIsLinkedOverItsStackIsRefused() throws IOException {
        byte[] program = Files.readAllBytes(IMAGES.resolve("hello.elf"));
        ByteBuffer headers = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
        int data = headers.getInt(28) + 32;                // the header of the second segment, of less than a page
        for (int va : new int[] {0xbfcf_d000, 0xbfcf_e000, 0xbfff_d000, 0xbfff_e000, 0xffff_f000}) {
            headers.putInt(data + 8, va);
            executable(program, directory.resolve("high"));
            Run run = Run.of(options(directory), "exec /high");
            assertThat(run.err()).as("a segment at 0x%x", va).startsWith(va == 0xbfcf_d000
                    ? "sh: the program was ended by signal" : "exec: /high: Exec format error: a segment is at 0x");
        }
    }

    private static String refused(String path) throws IOException {
        Run run = Run.of(options(root), "exec " + path);
        assertThat(run.status()).isEqualTo(1);
        return run.err();
    }

    @Test
    void aCrashEndsTheProgramAndNothingElse() throws IOException {
        Files.createDirectories(directory.resolve("bin"));
        byte[] program = Files.readAllBytes(IMAGES.resolve("hello.elf"));
        int entry = 0x98;
        program[entry] = program[entry + 1] = program[entry + 2] = program[entry + 3] = 0;
        executable(program, directory.resolve("bin/crash"));
        executable(Files.readAllBytes(IMAGES.resolve("hello.elf")), directory.resolve("bin/hello"));
        Run run = Run.of(options(directory), "exec /bin/crash", "dmesg", "exec /bin/hello");
        assertThat(run.err()).isEqualTo("sh: the program was ended by signal 4; 'dmesg' shows a fault\n");
        assertThat(run.out()).contains("crash[3]: unhandled signal 4 code 0x1 at 0x00010098, epc 0x00010098")
                .contains("hello from /bin/hello");
    }

    // ---- hostile files ----

    @Test
    void aHostileProgramIsRefusedOrEnded() throws IOException {
        Seed seed = Seed.fresh();
        Random random = seed.random(0);
        byte[] good = Files.readAllBytes(IMAGES.resolve("hello.elf"));
        for (int round = 0; round < 6; round++) {
            List<String> commands = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                executable(changed(good, random), directory.resolve("p" + i));
                commands.add("exec /p" + i + " &");
            }
            commands.addAll(List.of("sleep 0.01", "echo alive", "poweroff"));
            Run run = Run.of(options(directory).harts(2), commands.toArray(String[]::new));
            assertThat(run.out()).as(seed.replay("round " + round)).contains("alive\n");
            assertThat(run.err()).as(seed.replay("round " + round))
                    .doesNotContain("violation", "Oops", "error in the kernel", "panic");
        }
    }

    /** Returns a program with some bytes that differ, in its headers or anywhere, or without its end. */
    private static byte[] changed(byte[] good, Random random) {
        byte[] bad = random.nextInt(8) == 0 ? Arrays.copyOf(good, 1 + random.nextInt(good.length - 1)) : good.clone();
        int among = Math.min(bad.length, random.nextBoolean() ? 152 : bad.length);
        for (int changes = random.nextInt(4); changes >= 0; changes--) {
            bad[random.nextInt(among)] = (byte) random.nextInt();
        }
        return bad;
    }

    @Test
    void aHostileArchiveHasFewerFiles() throws IOException {
        Seed seed = Seed.fresh();
        Random random = seed.random(0);
        byte[] good = archive();
        Path file = directory.resolve("root.cpio");
        for (int i = 0; i < 12; i++) {
            byte[] bad = random.nextInt(4) == 0 ? Arrays.copyOf(good, 110 + random.nextInt(good.length - 110))
                    : good.clone();
            for (int changes = random.nextInt(6); changes > 0; changes--) {
                bad[6 + random.nextInt(Math.min(bad.length, 600) - 6)] = (byte) (random.nextBoolean()
                        ? "0123456789abcdef".charAt(random.nextInt(16)) : random.nextInt());
            }
            Files.write(file, bad);
            Run run = Run.of(options(file).harts(1), "ls -l /", "cat /a /b/c", "ls -l /b /b/c", "exec /b/c",
                    "echo alive");
            assertThat(run.out()).as(seed.replay("hostile archive " + i)).endsWith("alive\n");
            assertThat(run.err()).as(seed.replay("hostile archive " + i)).doesNotContain("violation", "Oops");
        }
    }

    private static byte[] archive() throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        for (String name : List.of("a", "b/c")) {
            files.put(name, ("this is " + name + "\n").getBytes(StandardCharsets.UTF_8));
        }
        return archive(files);
    }

    private static byte[] archive(Map<String, byte[]> files) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (CpioArchiveOutputStream cpio = new CpioArchiveOutputStream(out, "UTF-8")) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                CpioArchiveEntry entry = new CpioArchiveEntry(file.getKey(), file.getValue().length);
                entry.setMode(0100755);
                cpio.putArchiveEntry(entry);
                cpio.write(file.getValue());
                cpio.closeArchiveEntry();
            }
        }
        return out.toByteArray();
    }

    /** An archive, so that the host's locale does not matter. */
    @Test
    void namesInUtf8StayAsTheyAre() throws IOException {
        Path file = Files.write(directory.resolve("root.cpio"), archive(new TreeMap<>(Map.of("checks",
                Files.readAllBytes(IMAGES.resolve("checks.elf")), "größe/file", new byte[] {1}))));
        assertThat(Run.of(options(file), "exec /checks utf8 /größe").out()).isEqualTo("well: 4 checks of /größe\n");
    }

    @Test
    void aNameThatIsNoUtf8HarmsNoOtherFile() throws IOException {
        byte[] bytes = archive();
        int name = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("a\0");
        bytes[name] = (byte) 0xff;
        Run run = Run.of(options(Files.write(directory.resolve("root.cpio"), bytes)), "cat /b/c", "ls /", "dmesg");
        assertThat(run.out()).startsWith("this is b/c\n").contains("\nb\n").contains("rootfs: 2 files\n");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void anArchiveWithTooManyFilesLosesTheLastOnes() throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        for (int i = 0; i < 65_537; i++) {
            files.put("f%06d".formatted(i), new byte[0]);
        }
        Path file = Files.write(directory.resolve("root.cpio"), archive(files));
        Run run = Run.of(options(file), "cat /f065535", "dmesg", "cat /f065536");
        assertThat(run.out()).containsOnlyOnce("rootfs: the archive has more than 65536 files; the rest is lost")
                .contains("rootfs: 65536 files");
        assertThat(run.err()).isEqualTo("cat: /f065536: No such file or directory\n");
    }

    @Test
    void anArchiveIsARootToo() throws IOException {
        Path file = Files.write(directory.resolve("root.cpio"), archive());
        Run run = Run.of(options(file), "cat /a /b/c", "ls -l / /b");
        assertThat(run.out()).startsWith("this is a\nthis is b/c\n").contains("-rwxr-xr-x 1 root root 12 c\n");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void aRootThatCannotBeUsedIsExitStatus3() throws Exception {
        Path big = directory.resolve("big");
        Files.createDirectories(big);
        Files.write(big.resolve("file"), new byte[9 << 20]);
        Path noArchive = Files.writeString(directory.resolve("noarchive"), "no archive");
        assertThat(unusable(directory.resolve("none")))
                .isEqualTo("ferrite run: --root: none: there is no such file or folder\n");
        assertThat(unusable(noArchive))
                .contains("noarchive is neither a folder nor a cpio archive of the format newc");
        assertThat(unusable(big))
                .contains("--root: big has more bytes than the machine's RAM has room for, which is 8M; ")
                .contains("--ram sets its size");
    }

    private String unusable(Path path) throws Exception {
        Program.Ended ended = FerriteJar.run(directory, "run", "--ram", "16M", "--root",
                directory.relativize(path).toString(), "-c", "ls");
        assertThat(ended.status()).isEqualTo(3);
        return ended.err();
    }
}
