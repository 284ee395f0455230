package ferrite.scenarios;

import static ferrite.testkit.MachineAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.report.Violation;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands insmod, rmmod and lsmod. */
@Machine(ram = "64M")
class LoadedDriverTest {

    private static final Path DEVICES_README = Path.of("../../devices/README.md");

    /** A driver that takes one resource of each kind, and frees those that its parameter names. */
    private static final String GREEDY = """
            import ferrite.kernel.base.*;
            import ferrite.kernel.driver.*;
            import ferrite.kernel.fs.*;
            import ferrite.kernel.irq.IrqHandler;
            import ferrite.kernel.irq.IrqReturn;
            import java.util.List;

            public final class Greedy implements Driver, FileOperations {
                private KernelCalls kernel;
                private long operations;
                private long handler;
                private long object;
                private long pages;

                public String name() { return "greedy"; }
                public List<String> compatible() { return List.of(); }
                public List<Parameter> parameters() {
                    return List.of(new Parameter("keep", "no", "whether to keep everything", value -> {
                        if (!value.matches("yes|no")) {
                            throw new IllegalArgumentException("'" + value + "' is neither yes nor no");
                        }
                    }));
                }
                public void link(KernelCalls theKernel, TextTable.Module text) {
                    kernel = theKernel;
                    operations = text.add("greedy_operations", this);
                    handler = text.add("greedy_interrupt", (IrqHandler) (irq, data) -> IrqReturn.IRQ_HANDLED);
                }
                public int init() {
                    object = kernel.kmalloc(100, Gfp.GFP_KERNEL);
                    pages = kernel.__getFreePages(Gfp.GFP_DMA, 2);
                    kernel.requestIrq(9, handler, 0, "greedy", 0);
                    kernel.requestDma(1, "greedy");
                    return kernel.cdevAdd("greedy", operations, 0);
                }
                public void exit() {
                    if (keepsNothing) {
                        kernel.kfree(object);
                        kernel.freePages(pages, 2);
                        kernel.freeIrq(9, 0);
                        kernel.freeDma(1);
                        kernel.cdevDel("greedy");
                    }
                }
                private static final boolean keepsNothing = KEEPS_NOTHING;
                public int probe(Device device) { return 0; }
                public void remove(Device device) { }
                public int read(long file, long to, int count, long position) { return 0; }
            }
            """;

    @TempDir
    private Path directory;

    private Path greedy(boolean keepsNothing) throws IOException {
        return DriverJar.build(directory, "Greedy",
                GREEDY.replace("KEEPS_NOTHING", Boolean.toString(keepsNothing)), "Greedy");
    }

    @Test
    void aDriverThatGivesEverythingBackLeavesNothing(MachineRun run) throws IOException {
        Path jar = greedy(true);
        run.type("insmod " + jar + " keep=no", "lsmod", "cat /proc/modules", "ls /dev", "cat /proc/dma",
                "rmmod greedy", "lsmod");
        assertThat(run.out())
                .contains("Module                  Size  Used by\ngreedy").contains("greedy 16484 0 - Live 0xff8")
                .contains("\ngreedy\n").contains(" 1: greedy\n").endsWith("Module                  Size  Used by\n");
        assertThat(run.err()).isEmpty();
        assertThat(run.failedCommands()).isZero();
    }

    @Test
    void aDriverThatCallsRuntimeHaltIsRefused(MachineRun run) throws IOException {
        String source = """
                public final class Halting implements ferrite.kernel.driver.Driver {
                    public String name() { return "halting"; }
                    public void link(ferrite.kernel.driver.KernelCalls kernel,
                            ferrite.kernel.base.TextTable.Module text) { }
                    public int init() { halt(Runtime.getRuntime().availableProcessors()); return 0; }
                    private static void halt(int status) { BODY }
                }
                """;
        Path wrong = DriverJar.build(directory, "Halting", source.replace("BODY", "Runtime.getRuntime().halt(status);"),
                "Halting");
        run.type("insmod " + wrong);
        assertThat(run.err()).isEqualTo("insmod: could not load module " + wrong + ": its Halting.class calls "
                + "Runtime.halt, which ends the whole process without a word; return a negative errno, or throw an "
                + "exception\n");
        Path nearMiss = DriverJar.build(Files.createDirectory(directory.resolve("near")), "Halting",
                source.replace("BODY", ""), "Halting");
        run.forgetOutput().type("insmod " + nearMiss);
        assertThat(run.err()).as("a method of its own").isEmpty();
    }

    @Test
    void rmmodListsWhatADriverStillHoldsWithItsOwners(MachineRun run) throws IOException {
        Path jar = greedy(false);
        run.type("insmod " + jar, "rmmod greedy");
        assertThat(run.failedCommands()).isEqualTo(1);
        assertThat(run.err()).containsPattern(
                "rmmod: greedy still held interrupt 9, taken at Greedy.java:")
                .containsPattern("still held the device /dev/greedy, taken at Greedy.java:\\d+ by task 3 'insmod'")
                .containsPattern("still held DMA channel 1, taken at Greedy.java:\\d+ by task 3 'insmod'")
                .containsPattern("still held 100 bytes of kmalloc memory at 0x[0-9a-f]{8}, "
                        + "taken at Greedy.java:\\d+ by task 3 'insmod'")
                .containsPattern("still held 16384 bytes of pages at 0xc0[0-9a-f]{6}, taken at Greedy.java:\\d+ by "
                        + "task 3 'insmod'");
        run.forgetOutput().type("ls /dev", "cat /proc/interrupts", "cat /proc/dma");
        assertThat(run.out()).doesNotContain("greedy");
    }

    /**
     * A driver that takes one piece of each kind of memory other than kmalloc and pages, and frees those that its
     * parameter names.
     */
    private static final String HOARDER = """
            import ferrite.kernel.base.*;
            import ferrite.kernel.driver.*;
            import ferrite.kernel.mm.*;
            import java.util.List;

            public final class Hoarder implements Driver {
                private KernelCalls kernel;
                private long packets;
                private long area;
                private long registers;
                private long variable;
                private long pool;
                private long page;
                private long shrinker;
                private long nothing;

                public String name() { return "hoarder"; }
                public List<String> compatible() { return List.of(); }
                public void link(KernelCalls theKernel, TextTable.Module text) {
                    kernel = theKernel;
                    packets = kernel.definePerCpu(text, "packets", 4, 4);
                    nothing = text.add("hoarder_nothing", (Shrinker) (data, control) -> 0);
                }
                public int init() {
                    area = kernel.vmalloc(10000);
                    registers = kernel.ioremap(0xf0050000L, 64);
                    variable = kernel.allocPercpu(40);
                    pool = kernel.mempoolCreateKmallocPool(2, 100);
                    page = kernel.allocPage(Gfp.GFP_HIGHUSER);
                    kernel.kmap(page);
                    shrinker = kernel.kzalloc(ShrinkerLayout.SIZE, Gfp.GFP_KERNEL);
                    ShrinkerLayout.COUNT_OBJECTS.set(kernel.memory(), shrinker, nothing);
                    ShrinkerLayout.SCAN_OBJECTS.set(kernel.memory(), shrinker, nothing);
                    kernel.registerShrinker(shrinker);
                    return kernel.allocBootmem(100) == 0 ? 0 : -1;
                }
                public void exit() {
                    if (KEEPS_NOTHING) {
                        kernel.unregisterShrinker(shrinker);
                        kernel.kfree(shrinker);
                        kernel.vfree(area);
                        kernel.iounmap(registers);
                        kernel.freePercpu(variable);
                        kernel.mempoolDestroy(pool);
                        kernel.kunmap(page);
                        kernel.__freePage(page);
                    }
                }
                public int probe(Device device) { return 0; }
                public void remove(Device device) { }
            }
            """;

    private Path hoarder(boolean keepsNothing) throws IOException {
        return DriverJar.build(directory, "Hoarder",
                HOARDER.replace("KEEPS_NOTHING", Boolean.toString(keepsNothing)), "Hoarder");
    }

    @Test
    @Machine(ram = "1G")
    void rmmodListsAreasMappingsPerCpuVariablesPoolsAndShrinkers(MachineRun run) throws IOException {
        run.type("insmod " + hoarder(false), "rmmod hoarder");
        assertThat(run.err()).containsPattern("bootmem-too-late: alloc_bootmem of 100 bytes, but boot is over")
                .containsPattern("still held 10000 bytes of vmalloc memory at 0xf8[0-9a-f]{6}, "
                        + "taken at Hoarder.java:\\d+ by task 3 'insmod'")
                .containsPattern("still held 64 bytes of registers mapped at 0xf8[0-9a-f]{6}, taken at Hoarder.java:")
                .containsPattern("still held 40 bytes for each hart at 0xf8[0-9a-f]{6}, taken at Hoarder.java:")
                .containsPattern("still held a registered shrinker at 0x[0-9a-f]{8}, taken at Hoarder.java:")
                .containsPattern("still held a memory pool at 0x[0-9a-f]{8}, taken at Hoarder.java:")
                .containsPattern(
                        "still held 4096 bytes of high memory mapped at 0xff4[0-9a-f]{5}, taken at Hoarder.java:");
    }

    @Test
    @Machine(ram = "1G")
    void whatADriverHasGivenBackOfThemIsNotListed(MachineRun run) throws IOException {
        run.type("cat /proc/vmallocinfo");
        String before = run.out();
        run.forgetOutput().type("insmod " + hoarder(true), "rmmod hoarder");
        assertThat(run.err()).doesNotContain("still held");
        run.forgetOutput().type("cat /proc/vmallocinfo");
        assertThat(run.out()).isEqualTo(before);
    }

    /** A driver with one of each resource of a device. */
    private static final String MAPPER = """
            import ferrite.kernel.base.*;
            import ferrite.kernel.dma.*;
            import ferrite.kernel.driver.*;
            import java.util.List;

            public final class Mapper implements Driver {
                private KernelCalls kernel;
                private long dev;
                private long words;
                private long coherent;
                private long pool;
                private long block;
                private long page;
                private long mapping;
                private long list;
                private long channel;

                public String name() { return "mapper"; }
                public List<String> compatible() { return List.of(); }
                public void link(KernelCalls theKernel, TextTable.Module text) { kernel = theKernel; }
                public int init() {
                    dev = kernel.dmaRequestChan();
                    words = kernel.kzalloc(8 + ScatterListLayout.SIZE, Gfp.GFP_KERNEL);
                    coherent = kernel.dmaAllocCoherent(dev, 5000, words, Gfp.GFP_KERNEL);
                    pool = kernel.dmaPoolCreate("ring", dev, 60, 16, 0);
                    block = kernel.dmaPoolAlloc(pool, Gfp.GFP_KERNEL, words + 4);
                    page = kernel.__getFreePages(Gfp.GFP_KERNEL, 1);
                    mapping = kernel.dmaMapSingle(dev, page, 100, DmaDirection.DMA_FROM_DEVICE);
                    list = words + 8;
                    kernel.sgInitTable(list, 1);
                    kernel.sgSetBuf(list, page + 4096, 200);
                    channel = kernel.dmaRequestChannel(1 << DmaPrep.DMA_MEMCPY);
                    long dma = kernel.memory().loadAddress(words);
                    kernel.dmaengineSubmit(kernel.dmaenginePrepDmaMemcpy(channel, dma, dma + 4000, 1000, 0));
                    kernel.dmaAsyncIssuePending(channel);
                    return kernel.dmaMappingError(dev, mapping) == 0 && kernel.dmaMapSg(dev, list, 1, \
            DmaDirection.DMA_TO_DEVICE) == 1 ? 0 : -1;
                }
                public void exit() {
                    if (KEEPS_NOTHING) {
                        kernel.dmaengineTerminateSync(channel);
                        kernel.dmaReleaseChannel(channel);
                        kernel.dmaUnmapSg(dev, list, 1, DmaDirection.DMA_TO_DEVICE);
                        kernel.dmaUnmapSingle(dev, mapping, 100, DmaDirection.DMA_FROM_DEVICE);
                        kernel.dmaPoolFree(pool, block, kernel.memory().loadAddress(words + 4));
                        kernel.dmaPoolDestroy(pool);
                        kernel.dmaFreeCoherent(dev, 5000, coherent, kernel.memory().loadAddress(words));
                        kernel.freePages(page, 1);
                        kernel.kfree(words);
                    }
                }
                public int probe(Device device) { return 0; }
                public void remove(Device device) { }
            }
            """;

    private Path mapper(boolean keepsNothing) throws IOException {
        return DriverJar.build(directory, "Mapper",
                MAPPER.replace("KEEPS_NOTHING", Boolean.toString(keepsNothing)), "Mapper");
    }

    @Test
    void rmmodListsMappingsCoherentMemoryPoolsAndTheirBlocks(MachineRun run) throws IOException {
        run.type("insmod " + mapper(false), "rmmod mapper");
        assertThat(run.err()).containsPattern("still held 5000 bytes of coherent memory at 0xc[0-9a-f]{7}, "
                + "taken at Mapper.java:\\d+ by task 3 'insmod'")
                .containsPattern("still held a channel of a copy engine at 0xc[0-9a-f]{7}, taken at Mapper.java:")
                .containsPattern("still held a DMA pool at 0xc[0-9a-f]{7}, taken at Mapper.java:")
                .containsPattern("still held 64 bytes of a DMA pool at 0xc[0-9a-f]{7}, taken at Mapper.java:")
                .containsPattern(
                        "still held 100 bytes mapped for a device at DMA address 0x[0-9a-f]+, taken at Mapper.java:")
                .containsPattern("still held 1 scatterlist entries mapped for a device, of the list at 0xc[0-9a-f]{7}, "
                        + "taken at Mapper.java:");
        assertThat(run.violations()).hasSizeGreaterThan(6).extracting(Violation::rule)
                .containsOnly("held-at-removal");
    }

    @Test
    void whatADriverHasGivenBackOfItsDevicesIsNotListed(MachineRun run) throws IOException {
        run.type("insmod " + mapper(true), "rmmod mapper");
        assertThat(run.err()).doesNotContain("still held");
        assertThat(run).hasNoViolations();
    }

    @Test
    void whatIsNoDriverIsRefusedInASentence(MachineRun run) throws IOException {
        Path jar = greedy(true);
        Path noManifest = DriverJar.build(Files.createDirectories(directory.resolve("a")), "Greedy",
                GREEDY.replace("KEEPS_NOTHING", "true"), null);
        Path wrongName = DriverJar.build(Files.createDirectories(directory.resolve("b")), "Greedy",
                GREEDY.replace("KEEPS_NOTHING", "true"), "Nobody");
        Path notADriver = DriverJar.build(Files.createDirectories(directory.resolve("c")), "Plain",
                "public class Plain { }", "Plain");
        Path broken = DriverJar.build(Files.createDirectories(directory.resolve("d")), "Broken",
                "public class Broken { public Broken() { throw new IllegalStateException(\"no\"); } }", "Broken");
        Path garbage = Files.write(directory.resolve("garbage.jar"), new byte[] {1, 2, 3});
        run.type("insmod", "insmod /nowhere.jar", "insmod " + garbage, "insmod " + noManifest,
                "insmod " + wrongName, "insmod " + notADriver,
                "insmod " + broken, "insmod " + jar + " nonsense=1", "insmod " + jar + " keep=perhaps", "insmod " + jar,
                "insmod " + jar, "rmmod nobody", "rmmod disk", "rmmod greedy");
        assertThat(run.err().lines().toList()).hasSize(12)
                .allMatch(line -> line.startsWith("insmod: ") || line.startsWith("rmmod: "));
        assertThat(run.err()).contains("there is no such file")
                .contains("is not a jar").contains("has no Ferrite-Driver")
                .contains("names Nobody, which is not in").contains("does not implement").contains("cannot be created")
                .contains("greedy has keep")
                .contains("'perhaps' is neither yes nor no").contains("is already loaded or linked in")
                .contains("Module nobody is not currently loaded").contains("Module disk is builtin");
        assertThat(run.failedCommands()).isEqualTo(12);
    }

    @Test
    void aClassInAPackageOfTheJdkIsRefusedInASentence(MachineRun run) throws IOException {
        Path jar = directory.resolve("forbidden.jar");
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Ferrite-Driver", "java.lang.Forbidden");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            out.putNextEntry(new ZipEntry("java/lang/Forbidden.class"));
            out.write(new byte[] {1, 2, 3});
        }
        run.type("insmod " + jar);
        assertThat(run.err()).isEqualTo("insmod: could not load module " + jar
                + ": java.lang.Forbidden cannot be loaded: Prohibited package name: java.lang\n");
    }

    @Test
    void aCommandThatAnOopsEndsSaysSo(MachineRun run) throws IOException {
        String source = GREEDY.replace("KEEPS_NOTHING", "true")
                .replace("public int init() {", "public int init() {\nint[] none = {};\nnone[3] = 1;");
        run.type("insmod " + DriverJar.build(directory, "Greedy", source, "Greedy"));
        assertThat(run.err()).startsWith("violation kernel-oops: java.lang.ArrayIndexOutOfBoundsException").endsWith(
                "sh: the command was ended by an error in the kernel or a driver; 'dmesg' shows it\n");
        assertThat(run.failedCommands()).isEqualTo(1);
        run.forgetOutput().type("dmesg");
        assertThat(run.out()).contains("Oops: java.lang.ArrayIndexOutOfBoundsException");
    }

    @Test
    void aDriverWhoseFilesAreOpenIsNotUnloaded(MachineRun run) throws IOException {
        String source = GREEDY.replace("KEEPS_NOTHING", "true").replace("{ return 0; }\n}",
                "{ kernel.waitEvent(queue(), () -> false); return 0; }\n" + "private long queue() { long queue = "
                        + "kernel.kzalloc(16, Gfp.GFP_KERNEL); kernel.initWaitqueueHead(queue); return queue; }\n}");
        Path jar = DriverJar.build(directory, "Greedy", source, "Greedy");
        run.type("insmod " + jar, "cat /dev/greedy &", "rmmod greedy", "lsmod");
        assertThat(run.err()).isEqualTo("rmmod: ERROR: Module greedy is in use: 1 open files\n");
        assertThat(run.out()).containsPattern("greedy +\\d+  1\n");
    }

    @Test
    void twoMachinesLoadTheSameJarAndShareNothing(Machines machines) throws IOException {
        Path jar = greedy(true);
        MachineRun one = machines.boot();
        MachineRun two = machines.boot();
        one.type("insmod " + jar);
        two.type("insmod " + jar, "rmmod greedy");
        assertThat(one.type("lsmod").out()).contains("greedy");
        assertThat(two.type("lsmod").out()).doesNotContain("greedy ");
    }

    @Test
    void loadingIsRepeatable(Machines machines) throws IOException {
        Path jar = greedy(true);
        List<ferrite.hardware.Machine.Digest> digests = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            MachineRun run = machines.boot();
            digests.add(run.type("insmod " + jar, "lsmod", "rmmod greedy", "insmod " + jar).digest());
        }
        assertThat(digests.get(1)).isEqualTo(digests.get(0));
    }

    /** Builds the driver from the exact text of devices/README.md, with Maven, against the artifacts of this build. */
    @Test
    void theDriverInTheReadmeIsBuiltByMavenAndWorks(MachineRun run) throws IOException, InterruptedException {
        List<String> blocks = blocks(Files.readString(DEVICES_README));
        Path source = directory.resolve("src/main/java/com/example/MemoDriver.java");
        Files.createDirectories(source.getParent());
        Files.writeString(source, blocks.get(0));
        Files.writeString(directory.resolve("pom.xml"), blocks.get(1));
        Path repository = LocalRepository.withThisBuild();
        Tools.need("mvn");
        Process maven = new ProcessBuilder("mvn", "-q", "-B", "-o",
                "-Dmaven.repo.local=" + repository, "-DskipTests", "package")
                .directory(directory.toFile()).redirectErrorStream(true).start();
        String said = new String(maven.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(maven.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(maven.exitValue()).as(said).isZero();
        String jar = directory.resolve("target/memo-driver-1.jar").toString();
        Matcher commands = Pattern.compile("ferrite run -c '(insmod .*)'").matcher(Files.readString(DEVICES_README));
        assertThat(commands.find()).isTrue();
        run.type(commands.group(1).replace("target/memo-driver-1.jar", jar).split("; "));
        assertThat(run.out()).contains("memo ").endsWith("remember this\n");
        assertThat(run.err()).isEmpty();
        assertThat(run).hasNoViolations();
    }

    private static List<String> blocks(String text) {
        List<String> blocks = new ArrayList<>();
        Matcher matcher = Pattern.compile("```(?:java|xml)\n(.*?)```", Pattern.DOTALL).matcher(text);
        while (matcher.find()) {
            blocks.add(matcher.group(1));
        }
        return blocks;
    }

    /** A local repository with this user's artifacts, and with this build in place of an installed Ferrite. */
    private static final class LocalRepository {

        /** Makes the repository under target/. JUnit would follow the links when it deletes a temporary directory. */
        static Path withThisBuild() throws IOException {
            Path repository = Files.createTempDirectory(Files.createDirectories(Path.of("target")), "repository")
                    .toAbsolutePath();
            Path users = Path.of(System.getProperty("maven.repo.local",
                    Path.of(System.getProperty("user.home"), ".m2", "repository").toString()));
            try (Stream<Path> groups = Files.list(users)) {
                for (Path group : groups.filter(Files::isDirectory)
                        .filter(group -> !group.endsWith("ferrite")).toList()) {
                    Files.createSymbolicLink(repository.resolve(group.getFileName()), group);
                }
            }
            install(repository, "ferrite", Path.of("../../pom.xml"), null);
            install(repository, "hardware", Path.of("../../machine/hardware/pom.xml"),
                    Path.of("../../machine/hardware/target/hardware-0.1.jar"));
            install(repository, "kernel", Path.of("../../kernel/pom.xml"),
                    Path.of("../../kernel/target/kernel-0.1.jar"));
            return repository;
        }

        private static void install(Path repository, String artifact, Path pom, Path jar) throws IOException {
            Path directory = Files.createDirectories(repository.resolve("ferrite").resolve(artifact).resolve("0.1"));
            Files.copy(pom, directory.resolve(artifact + "-0.1.pom"));
            if (jar != null) {
                Files.copy(jar, directory.resolve(artifact + "-0.1.jar"));
            }
        }
    }
}
