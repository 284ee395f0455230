package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.board.options.BoardOptions;
import ferrite.board.options.MachineOptions;
import ferrite.hardware.Machine;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.model.DeviceBuilder;
import ferrite.hardware.model.DeviceModel;
import ferrite.hardware.model.DmaLine;
import ferrite.hardware.model.DmaTransfers;
import ferrite.hardware.model.ModelFailure;
import ferrite.hardware.model.Register;
import ferrite.hardware.model.RegisterAccess;
import ferrite.hardware.model.TimedEvent;
import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.ReportText;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.dma.DmaMode;
import ferrite.kernel.driver.Device;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.testkit.MachineRun;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The section "A device of your own" of devices/README.md, followed to the letter; and models that misbehave. */
@Timeout(120)
class OwnDeviceTest {

    private static final Pattern FILE = Pattern.compile("`(src/main/java/[\\w/]+\\.java)`[^`]*:\n\n```java\n(.*?)```",
            Pattern.DOTALL);
    private static final Pattern COMMAND = Pattern.compile(
            "\\$ ferrite run --device target/(dice-1.jar\\S*) -c '(.*?)'\n(.*?)```", Pattern.DOTALL);

    /** A model with a store for each mischief, and a driver whose parameter chooses the offset of its store. */
    private static final String MISCHIEF = """
            package org.example.mischief;

            import ferrite.hardware.model.*;
            import ferrite.kernel.base.TextTable;
            import ferrite.kernel.driver.*;
            import java.util.List;

            public final class Mischief implements DeviceModel {
                private static volatile long sum;

                public void build(DeviceBuilder device) {
                    device.name("mischief").compatible("example,mischief");
                    switch (device.parameter("build", "ends", "ends, loops or exits")) {
                        case "loops" -> loop();
                        case "exits" -> System.exit(0);
                        default -> { }
                    }
                    TimedEvent confused = device.event("confused", () -> {
                        throw new IllegalStateException("confused");     // CONFUSED
                    });
                    device.register("LOOP", 0, 4, RegisterAccess.WO).onWrite(value -> loop());
                    device.register("LATER", 4, 4, RegisterAccess.WO).onWrite(value -> confused.scheduleIn(100));
                    device.register("EXIT", 12, 4, RegisterAccess.WO).onWrite(value -> System.exit(0));
                    device.register("KERNEL", 8, 4, RegisterAccess.WO).onWrite(value -> sum = Kernels.flag());
                }

                private static void loop() {
                    while (true) {
                        sum++;
                    }
                }

                static final class Kernels {
                    static int flag() {
                        return ferrite.kernel.base.Errno.message(-1).length();
                    }
                }

                public static final class Provoker implements Driver {
                    private KernelCalls kernel;

                    public String name() { return "provoker"; }
                    public List<String> compatible() { return List.of("example,mischief", "example,dice"); }
                    public List<Parameter> parameters() {
                        return List.of(new Parameter("store", "4", "an offset", Integer::parseInt));
                    }
                    public void link(KernelCalls theKernel, TextTable.Module text) { kernel = theKernel; }
                    public int probe(Device device) {
                        if (device.name().startsWith("dice")) {
                            long roll = kernel.devmPlatformIoremapResource(device.dev(), 0);
                            kernel.iowrite32(1, roll);
                            kernel.udelay(Integer.parseInt(device.parameter("store")));
                            kernel.iowrite32(1, roll);                   // TOO SOON
                            return 0;
                        }
                        long registers = kernel.devmPlatformIoremapResource(device.dev(), 0);
                        kernel.iowrite32(1, registers + Integer.parseInt(device.parameter("store")));
                        kernel.msleep(1);
                        return 0;
                    }
                }
            }
            """;

    @TempDir
    private static Path directory;
    private static String readme;

    @BeforeAll
    static void buildBoth() throws IOException {
        String all = Files.readString(Path.of("../../devices/README.md"));
        int start = all.indexOf("## A device of your own\n");
        readme = all.substring(start, all.indexOf("\n## ", start + 1));
        for (MatchResult file : FILE.matcher(readme).results().toList()) {
            write(directory.resolve("dice").resolve(file.group(1)), file.group(2));
        }
        compile("dice", List.of("DiceRegisters", "Dice", "DiceDriver"), "src/main/java/com/example/dice/");
        DriverJar.pack(directory.resolve("dice/classes"), directory.resolve("dice-1.jar"), Map.of("Ferrite-Device",
                manifest("Ferrite-Device"), "Ferrite-Driver", manifest("Ferrite-Driver")));
        write(directory.resolve("mischief/Mischief.java"), MISCHIEF);
        compile("mischief", List.of("Mischief"), "");
        DriverJar.pack(directory.resolve("mischief/classes"), directory.resolve("mischief.jar"), Map.of(
                "Ferrite-Device", "org.example.mischief.Mischief",
                "Ferrite-Driver", "org.example.mischief.Mischief$Provoker"));
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private static String manifest(String line) {
        Matcher entry = Pattern.compile("<" + line + ">(.*)</" + line + ">").matcher(readme);
        assertThat(entry.find()).isTrue();
        return entry.group(1);
    }

    private static void compile(String project, List<String> names, String folder) throws IOException {
        Path root = directory.resolve(project);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            assertThat(compiler.getTask(messages, files, null, List.of("-d",
                    Files.createDirectories(root.resolve("classes")).toString(), "-classpath",
                    System.getProperty("java.class.path"), "-proc:none", "-Xlint:all,-classfile,-path", "-Werror"),
                    null, files.getJavaFileObjectsFromPaths(names.stream().map(name -> root.resolve(folder
                            + name + ".java")).toList())).call()).as(messages.toString()).isTrue();
        }
    }

    private static BoardOptions options(String device) {
        BoardOptions options = new BoardOptions().ram(32 << 20).harts(2);
        MachineOptions.set(options, "--device", directory.resolve(device).toString());
        return options;
    }

    // ---- the README's device ----

    @Test
    void theDeviceInTheReadmeIsPluggedInAndItsDriverProbesIt() throws IOException {
        Matcher command = COMMAND.matcher(readme);
        assertThat(command.find()).isTrue();
        try (MachineRun run = MachineRun.start(options(command.group(1)))) {
            run.type(command.group(2).replace("target/", directory + "/").split("; *"));
            assertThat(run.err()).isEmpty();
            assertThat(run.out()).isEqualTo(command.group(3));
            assertThat(run.failedCommands()).isZero();
            run.forgetOutput().type("ls -l /dev/dice", "echo dice@f0100000 > /sys/bus/platform/drivers/dice/unbind",
                    "rmmod dice", "insmod " + directory + "/dice-1.jar", "cat /dev/dice");
            assertThat(run.out().lines().skip(1)).containsExactly("4");
            assertThat(run.violations()).isEmpty();
            assertThat(run.replay()).contains(" --device " + directory + "/" + command.group(1) + " ");
        }
    }

    /** An alarm that rings half a second after power-on. */
    private static final class Alarm implements DeviceModel {

        private TimedEvent ring;

        @Override
        public void build(DeviceBuilder device) {
            device.name("alarm").compatible("example,alarm");
            Register rings = device.register("RINGS", 0, 4, RegisterAccess.RO);
            ring = device.event("ring", () -> rings.set(rings.get() + 1));
        }

        @Override
        public void reset() {
            ring.scheduleIn(Clock.TICKS_PER_SECOND / 2);
        }
    }

    @Test
    void aMachineReturnsToASnapshotWithAPendingEvent() throws IOException {
        try (MachineRun run = MachineRun.start(options("dice-1.jar").device(new Alarm()))) {
            Machine.Snapshot snapshot = run.board().snapshot();
            String before = devices(run);
            assertThat(before).contains("event ring  in 4");
            String first = rollAndSleep(run);
            assertThat(devices(run)).contains("0x00000001").contains("event ring  none");
            run.type("rmmod dice");
            run.board().restore(snapshot);
            assertThat(devices(run)).isEqualTo(before);
            assertThat(rollAndSleep(run)).isEqualTo(first);
            try (MachineRun other = MachineRun.start(options("dice-1.jar").device(new Alarm()))) {
                assertThat(rollAndSleep(other)).as("two machines of one jar share nothing").isEqualTo(first);
            }
        }
    }

    private static String rollAndSleep(MachineRun run) {
        run.forgetOutput().type("insmod " + directory + "/dice-1.jar", "cat /dev/dice", "sleep 1");
        return run.out() + run.digest() + devices(run);
    }

    private static String devices(MachineRun run) {
        try {
            return ReportText.of(run.board().monitor().execute("device"));
        } catch (MonitorException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Asks for the numbers of interrupts that its device has, and of one that it does not have. */
    private static final class Asker implements Driver {

        private final List<Integer> interrupts = new ArrayList<>();

        @Override
        public String name() {
            return "asker";
        }

        @Override
        public List<String> compatible() {
            return List.of("example,pair");
        }

        @Override
        public void link(KernelCalls kernel, TextTable.Module text) { }

        @Override
        public int probe(Device device) {
            interrupts.addAll(List.of(device.irq(), device.irq(0), device.irq(1), device.irq(2)));
            return 0;
        }
    }

    @Test
    void aDriverFindsEachInterruptOfADevice() throws IOException {
        Asker asker = new Asker();
        MachineRun.start(new BoardOptions().ram(16 << 20).driver(asker).device(device -> {
            device.name("pair").compatible("example,pair");
            device.interrupt();
            device.interrupt();
        }, "irq=9")).close();
        assertThat(asker.interrupts).containsExactly(9, 9, 5, -1);
    }

    /** A tape that supplies bytes by DMA: 1, 2, 3 and so on. */
    private static void tape(DeviceBuilder device) {
        device.name("tape").compatible("example,tape");
        Register left = device.state("left");
        Register next = device.state("next");
        DmaLine line = device.dmaChannel(8, new DmaTransfers() {
            @Override
            public int ready() {
                return left.get();
            }

            @Override
            public void supply(byte[] into, int at, int length) {
                for (int i = 0; i < length; i++) {
                    next.set(next.get() + 1);
                    into[at + i] = (byte) next.get();
                }
                left.set(left.get() - length);
            }

            @Override
            public void accept(byte[] from, int at, int length) { }
        });
        device.register("PLAY", 0, 4, RegisterAccess.WO).onWrite(bytes -> {
            left.set(bytes);
            line.request();
        });
    }

    /** Reads from the tape through its DMA channel in its probe. */
    private static final class TapeDriver implements Driver {

        private KernelCalls kernel;
        private int channel;
        private int read;

        @Override
        public String name() {
            return "tape";
        }

        @Override
        public List<String> compatible() {
            return List.of("example,tape");
        }

        @Override
        public void link(KernelCalls theKernel, TextTable.Module text) {
            kernel = theKernel;
        }

        @Override
        public int probe(Device device) {
            channel = device.dmaChannel();
            long registers = kernel.devmPlatformIoremapResource(device.dev(), 0);
            long buffer = kernel.devmKzalloc(device.dev(), 64, Gfp.GFP_KERNEL | Gfp.GFP_DMA);
            kernel.requestDma(channel, "tape");
            int flags = kernel.claimDmaLock();
            kernel.disableDma(channel);
            kernel.clearDmaFf(channel);
            kernel.setDmaMode(channel, DmaMode.DMA_MODE_READ);
            kernel.setDmaAddr(channel, kernel.virtToPhys(buffer));
            kernel.setDmaCount(channel, 64);
            kernel.enableDma(channel);
            kernel.releaseDmaLock(flags);
            kernel.iowrite32(64, registers);
            kernel.udelay(100);
            flags = kernel.claimDmaLock();
            kernel.disableDma(channel);
            kernel.releaseDmaLock(flags);
            kernel.freeDma(channel);
            read = kernel.memory().load32(buffer + 60);
            return 0;
        }
    }

    @Test
    void aDeviceOnTheIsaBusUsesItsChannel() throws IOException {
        TapeDriver driver = new TapeDriver();
        try (MachineRun run = MachineRun.start(new BoardOptions().ram(32 << 20).driver(driver)
                .device(OwnDeviceTest::tape, "dma=3"))) {
            assertThat(driver.channel).isEqualTo(3);
            assertThat(driver.read).isEqualTo(0x403f_3e3d);
            assertThat(run.violations()).isEmpty();
        }
    }

    @Test
    void aModelTellsOfAMisuseAtTheDriversLine() throws IOException {
        try (MachineRun run = MachineRun.start(options("dice-1.jar"))) {
            run.type("insmod " + directory + "/mischief.jar store=3");
            assertThat(run.violations()).as("the first roll has ended").isEmpty();
            run.type("rmmod provoker", "insmod " + directory + "/mischief.jar store=1");
            assertThat(run.violations()).singleElement().satisfies(told -> {
                assertThat(told.rule()).isEqualTo("device-misuse");
                assertThat(told.summary()).isEqualTo("dice0: ROLL is written while the dice rolls");
                assertThat(told.line("where")).isEqualTo("at Mischief.java:" + line("// TOO SOON"));
                assertThat(told.line("instead")).isEqualTo("wait until DONE is set");
                assertThat(told.mistake()).as("another mistake at this line is another one").isEqualTo("device-misuse "
                        + told.line("where") + " (" + told.summary() + ")");
            });
        }
    }

    // ---- models that misbehave ----

    private static int line(String end) {
        List<String> lines = MISCHIEF.lines().toList();
        return lines.indexOf(lines.stream().filter(line -> line.endsWith(end)).findFirst().orElseThrow()) + 1;
    }

    private static void panics(int store, String... sentence) throws IOException {
        MachineRun run = MachineRun.start(options("mischief.jar"));
        try (run) {
            assertThatThrownBy(() -> run.type("insmod " + directory + "/mischief.jar store=" + store))
                    .hasMessageStartingWith("the machine panicked: the model of mischief0 failed ")
                    .hasMessageContainingAll(sentence).hasCauseInstanceOf(ModelFailure.class);
        }
        assertThat(run.violations()).as("it is no mistake of the driver, whose probe is unwound").isEmpty();
    }

    @Test
    void anExceptionEndsTheRunAndNamesDeviceLineAndJar() throws IOException {
        panics(4, "at the event confused: java.lang.IllegalStateException: confused, in org.example.mischief.Mischief.",
                "(Mischief.java:" + line("// CONFUSED") + ") of mischief.jar");
    }

    @Test
    void aModelDoesNotHaveTheKernel() throws IOException {
        panics(8, "when software wrote 0x1 to KERNEL: java.lang.NoClassDefFoundError: ferrite/kernel/base/Errno",
                "in org.example.mischief.Mischief$Kernels.flag (Mischief.java:");
    }

    /** Makes a program for the virt board that stores to the register EXIT of a device at the lowest address. */
    private static Path storesToExit() throws IOException {
        ByteBuffer program = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
        program.putInt(0x0400_0537).putInt(0x00a5_2623).putInt(0x0000_006f);     // lui a0, 0x4000; sw a0, 12(a0); j .
        return Files.write(directory.resolve("exits.bin"), program.array());
    }

    @Test
    void aModelThatDoesNotReturnIsNamedAndTheRunEnds() throws Exception {
        String insmod = "echo before; insmod mischief.jar store=0; echo after";
        try (Program loops = FerriteJar.start(directory, "run", "--ram", "32M", "--watchdog", "1", "--device",
                "mischief.jar", "-c", insmod); Program builds = FerriteJar.start(directory, "run", "--watchdog", "1",
                "--device", "mischief.jar,build=loops", "-c", insmod);
                Program exits = FerriteJar.start(directory, "run", "--device", "mischief.jar,build=exits", "-c", "ls");
                Program later = FerriteJar.start(directory, "run", "--ram", "32M", "--device", "mischief.jar", "-c",
                        "insmod mischief.jar store=12");
                Program boots = FerriteJar.start(directory, "boot", storesToExit().toString(), "--ram", "16M",
                        "--device", "mischief.jar")) {
            Program.Ended ended = loops.end();
            assertThat(ended.err()).startsWith("kernel panic: nothing has happened for 1 second of the host's time in "
                    + "org.example.mischief.Mischief.").contains("(Mischief.java:",
                    ") of mischief.jar, in task 'insmod'", "the model of a device waits with a timed event");
            assertThat(ended.out()).isEqualTo("before\n");
            assertThat(ended.status()).isEqualTo(5);
            ended = builds.end();
            assertThat(ended.err()).startsWith("the machine has not been built in 1 second of the host's time, in "
                    + "which the code is in org.example.mischief.Mischief.loop (Mischief.java:")
                    .contains(") of mischief.jar: ");
            assertThat(ended.status()).isEqualTo(5);
            ended = exits.end();
            assertThat(ended.err()).startsWith("the machine has not been built: System.exit was called in "
                    + "org.example.mischief.Mischief.build (Mischief.java:").contains(") of mischief.jar: ");
            assertThat(ended.status()).isEqualTo(3);
            ended = later.end();
            assertThat(ended.err())
                    .startsWith("kernel panic: System.exit was called in org.example.mischief.Mischief.");
            assertThat(ended.status()).isEqualTo(5);
            ended = boots.end();
            assertThat(ended.err()).startsWith("System.exit was called in org.example.mischief.Mischief.")
                    .contains("it ends the whole process");
            assertThat(ended.status()).isEqualTo(5);
        }
    }
}
