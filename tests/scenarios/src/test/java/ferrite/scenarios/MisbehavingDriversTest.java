package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Drivers in jars that hang, end the process, fill the host's memory, or use threads of the host. */
@Timeout(120)
class MisbehavingDriversTest {

    /** A driver that does what its parameter names, in its init function. */
    private static final String SOURCE = """
            import ferrite.kernel.base.*;
            import ferrite.kernel.driver.*;
            import ferrite.kernel.fs.*;
            import ferrite.kernel.sched.TaskEntry;
            import java.util.ArrayList;
            import java.util.List;

            public final class Mischief implements Driver {
                private KernelCalls kernel;
                private String act;
                private long object;
                private long throwing;
                private long deep;
                private long hoarding;
                private long thread;
                private volatile long sum;

                public String name() { return "mischief"; }
                public List<String> compatible() { return List.of(); }
                public List<Parameter> parameters() {
                    return List.of(new Parameter("act", "none", "the mischief", value -> act = value));
                }
                public void link(KernelCalls theKernel, TextTable.Module text) {
                    kernel = theKernel;
                    throwing = text.add("mischief_throw", reading(Mischief::confuse));
                    deep = text.add("mischief_deep", reading(() -> deep(0)));
                    hoarding = text.add("mischief_hoard", reading(Mischief::hoard));
                    thread = text.add("mischief_thread", (TaskEntry) data -> stubborn());
                }
                private static FileOperations reading(Runnable act) {
                    return new FileOperations() {
                        @Override public int read(long file, long to, int count, long position) {
                            act.run();
                            return 0;
                        }
                    };
                }
                public int init() {
                    object = kernel.kzalloc(64, Gfp.GFP_KERNEL);
                    switch (act) {
                        case "spin" -> spin();
                        case "wait" -> hostSleep(1L << 40);
                        case "never-end" -> {
                            Runtime.getRuntime().addShutdownHook(new Thread(this::spin));
                            hostSleep(1L << 40);
                        }
                        case "hold" -> new Thread(this::hold).start();
                        case "compute" -> compute();
                        case "exit" -> System.exit(0);
                        case "exit-later" -> new Thread(() -> { hostSleep(400); System.exit(0); }).start();
                        case "store" -> elsewhere(() -> kernel.memory().store32(object, 1));
                        case "store-later" -> new Thread(() -> {
                            hostSleep(400);
                            kernel.memory().store32(object, 1);
                        }, "stranger").start();
                        case "call" -> elsewhere(() -> kernel.kmalloc(64, Gfp.GFP_ATOMIC));
                        case "devices" -> {
                            kernel.cdevAdd("throw", throwing, 0);
                            kernel.cdevAdd("deep", deep, 0);
                            kernel.cdevAdd("hoard", hoarding, 0);
                        }
                        case "eat" -> {
                            for (long page = take(); page != 0; page = take()) {
                                kernel.memory().store32(page, 1);
                            }
                        }
                        case "crowd" -> crowd();
                        case "stubborn" -> kernel.kthreadRun("stubborn", thread, 0);
                        default -> { }
                    }
                    return 0;
                }
                private long take() { return kernel.__getFreePages(Gfp.GFP_KERNEL | Gfp.__GFP_ZERO, 0); }
                private void spin() {
                    while (true) {
                        sum++;
                    }
                }
                private void hostSleep(long milliseconds) {
                    try {
                        Thread.sleep(milliseconds);  // WAIT
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }
                private void hold() {
                    try {
                        synchronized (Class.forName("java.lang.Shutdown")) {
                            hostSleep(1L << 40);
                        }
                    } catch (ClassNotFoundException e) {
                        throw new IllegalStateException(e);
                    }
                }
                private void compute() {
                    for (long end = System.nanoTime() + 3_000_000_000L, next = 0; System.nanoTime() < end; ) {
                        if (System.nanoTime() > next) {
                            next = System.nanoTime() + 100_000_000L;
                            kernel.memory().load32(object);
                        }
                    }
                }
                private void elsewhere(Runnable access) {
                    Thread stranger = new Thread(access, "stranger");
                    stranger.start();
                    try {
                        stranger.join();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }
                private static void confuse() { throw new IllegalStateException("confused"); }
                private static void hoard() {
                    for (List<long[]> hoard = new ArrayList<>(); true; ) {
                        hoard.add(new long[1 << 18]);
                    }
                }
                /** Leaves no free word in the host's heap for two seconds and a half. */
                private void crowd() {
                    Object[] chain = null;
                    hostSleep(1);
                    for (int length = 1 << 18; length > 0; length /= 2) {
                        try {
                            while (true) {
                                Object[] link = new Object[length];
                                link[0] = chain;
                                chain = link;
                            }
                        } catch (OutOfMemoryError full) {
                            sum++;
                        }
                    }
                    hostSleep(2500);
                    sum += chain.length;
                }
                private int deep(int depth) { return kernel.memory().load32(object) + deep(depth + 1); }
                private int stubborn() {
                    while (true) {
                        try {
                            kernel.msleep(1);
                        } catch (Throwable everything) {
                            sum++;
                        }
                    }
                }
                public void exit() { kernel.kfree(object); }
                public int probe(Device device) { return 0; }
                public void remove(Device device) { }
            }
            """;

    @TempDir
    private static Path directory;

    @BeforeAll
    static void build() throws IOException {
        DriverJar.build(directory, "Mischief", SOURCE, "Mischief");
    }

    private static int line(String end) {
        List<String> lines = SOURCE.lines().toList();
        return lines.indexOf(lines.stream().filter(line -> line.endsWith(end)).findFirst().orElseThrow()) + 1;
    }

    private static Program start(String act, String... options) throws IOException {
        List<String> words = new ArrayList<>(List.of("run", "--ram", "32M", "-c",
                "echo before; insmod Mischief.jar act=" + act + "; echo after"));
        words.addAll(Arrays.asList(options));
        return FerriteJar.start(directory, words.toArray(String[]::new));
    }

    /** Checks that a run ended as a panic with one sentence, and that what came before it is not lost. */
    private static void panics(Program.Ended ended, String... sentence) {
        assertThat(ended.err()).startsWith("kernel panic: ").contains(sentence);
        assertThat(ended.out()).isEqualTo("before\n");
        assertThat(ended.status()).isEqualTo(5);
    }

    private static void goesOn(Program.Ended ended) {
        assertThat(ended.err()).isEmpty();
        assertThat(ended.out()).isEqualTo("before\nafter\n");
        assertThat(ended.status()).isZero();
    }

    @Test
    void aRunThatStandsStillEndsAndItsCodeIsNamed() throws Exception {
        try (Program spins = start("spin", "--watchdog", "1"); Program waits = start("wait", "--watchdog", "1");
                Program computes = start("compute", "--watchdog", "2");
                Program atPrompt = FerriteJar.start(directory, "run", "--ram", "32M", "--watchdog", "1")) {
            atPrompt.type("echo before");
            panics(spins.end(), "nothing has happened for 1 second of the host's time in Mischief.spin (Mischief.java:",
                    ") of Mischief.jar, in task 'insmod': the code loops without an access",
                    "  at Mischief.init (Mischief.java:");
            panics(waits.end(), "in Mischief.hostSleep (Mischief.java:" + line("// WAIT")
                    + ") of Mischief.jar, in task 'insmod'");
            goesOn(computes.end());
            atPrompt.type("echo after");
            goesOn(atPrompt.end());
        }
    }

    /** Neither code that waits on the host nor a shutdown hook without end keeps the process. */
    @Test
    void aTimeLimitEndsTheProcessInAnyCase() throws Exception {
        try (Program stuck = start("never-end", "--watchdog", "off", "--timeout", "2")) {
            Program.Ended ended = stuck.end();
            assertThat(ended.err()).startsWith("--timeout ran out after 2 seconds of the host's time\n");
            assertThat(ended.out()).isEqualTo("before\n");
            assertThat(ended.status()).isEqualTo(124);
        }
    }

    @Test
    void sigtermEndsTheProcessInAnyCase() throws Exception {
        try (Program stuck = start("never-end", "--watchdog", "off")) {
            stuck.awaitOut("before\n");
            assertThat(stuck.handle().destroy()).isTrue();
            assertThat(stuck.end().status()).isEqualTo(128 + 15);
        }
    }

    /** System.exit and the handler of a signal wait for this lock before they do anything else. */
    @Test
    void aDriverThatHoldsALockOfTheJvmDoesNotKeepTheProcess() throws Exception {
        try (Program holds = start("hold", "--watchdog", "off")) {
            Program.Ended ended = holds.end();
            assertThat(ended.out()).isEqualTo("before\nafter\n");
            assertThat(ended.err()).isEqualTo("ferrite: a lock of java.lang.Shutdown is held, which the JVM needs to "
                    + "end, so the process is stopped; a thread is in Mischief.hostSleep (Mischief.java:"
                    + line("// WAIT") + ") of Mischief.jar\n");
            assertThat(ended.status()).isEqualTo(5);
        }
    }

    @Test
    void systemExitEndsTheRunCleanlyAndIsNamed() throws Exception {
        try (Program exits = start("exit", "--junit", "rules.xml")) {
            panics(exits.end(), "System.exit was called in Mischief.init (Mischief.java:",
                    ") of Mischief.jar, in task 'insmod': it ends the whole process");
        }
        assertThat(directory.resolve("rules.xml")).content().endsWith("</testsuites>\n");
    }

    @Test
    void anExceptionOrAnErrorIsTheOopsOfTheDriverThatThrewIt() throws Exception {
        List<String> command = new ArrayList<>(FerriteJar.command("run", "--ram", "32M", "-c",
                "insmod Mischief.jar act=devices; cat /dev/throw; cat /dev/deep; cat /dev/hoard; echo after"));
        command.add(1, "-Xmx64m");
        Program.Ended ended = Program.start(directory, command).end();
        assertThat(ended.err()).contains("confused", "Mischief.confuse (Mischief.java:")
                .contains("StackOverflowError", "Mischief.deep (Mischief.java:")
                .contains("java.lang.OutOfMemoryError: Java heap space", "Mischief.hoard (Mischief.java:");
        assertThat(ended.out()).isEqualTo("after\n");
        assertThat(ended.status()).isEqualTo(4);
    }

    @Test
    void aHeapThatTheMachinesRamFillsEndsTheRunInASentence() throws Exception {
        List<String> command = new ArrayList<>(FerriteJar.command("run", "--ram", "3840M", "-c",
                "echo before; insmod Mischief.jar act=eat; echo after"));
        command.add(1, "-Xmx48m");
        Program.Ended ended = Program.start(directory, command).end();
        panics(ended, "the host's Java heap is full after the guest touched ", "; use a smaller --ram");
        assertThat(ended.err()).hasLineCount(1);
    }

    /** The threads beside the machine have no heap then, and say nothing of their own. */
    @Test
    void aHeapThatIsFullForAMomentEndsNothing() throws Exception {
        List<String> command = new ArrayList<>(FerriteJar.command("run", "--ram", "32M", "--watchdog", "60", "-c",
                "echo before; insmod Mischief.jar act=crowd; echo after"));
        command.add(1, "-Xmx64m");
        goesOn(Program.start(directory, command).end());
    }

    @Test
    void anAccessOfAHostThreadIsRefusedAndItsLineIsNamed() throws Exception {
        try (Program stores = start("store"); Program calls = start("call")) {
            for (Program.Ended ended : List.of(stores.end(), calls.end())) {
                assertThat(ended.err()).contains("kernel panic: the host thread 'stranger' accessed the machine at "
                        + "Mischief.java:").contains("kthread_run makes a task").doesNotContain("Exception in thread");
                assertThat(ended.status()).isEqualTo(5);
            }
        }
    }

    @Test
    void aHostThreadEndsAlsoAMachineThatWaitsForALine() throws Exception {
        try (Program exits = FerriteJar.start(directory, "run", "--ram", "32M");
                Program stores = FerriteJar.start(directory, "run", "--ram", "32M")) {
            exits.type("insmod Mischief.jar act=exit-later");
            stores.type("insmod Mischief.jar act=store-later");
            exits.awaitErrLine("kernel panic: System.exit was called in Mischief.lambda$init$");
            stores.awaitErrLine("kernel panic: the host thread 'stranger' accessed the machine at Mischief.java:");
            assertThat(List.of(exits.end().status(), stores.end().status())).containsExactly(5, 5);
        }
    }

    @Test
    void aTaskThatCatchesEveryErrorDoesNotKeepTheMachineFromItsEnd() throws Exception {
        try (Program stubborn = start("stubborn")) {
            assertThat(stubborn.end()).satisfies(ended -> {
                assertThat(ended.err()).isEqualTo("ferrite: the code of task 'stubborn' does not end with the machine: "
                        + "it catches every error, or loops without an access\n");
                assertThat(ended.out()).isEqualTo("before\nafter\n");
                assertThat(ended.status()).isZero();
            });
        }
    }
}
