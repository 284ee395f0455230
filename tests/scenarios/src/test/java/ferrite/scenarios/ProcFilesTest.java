package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import ferrite.testkit.Machines;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code /proc}: Linux's formats, and numbers that agree with each other. */
@Machine
@Timeout(120)
class ProcFilesTest {

    private static final long MIB = 1 << 20;

    @TempDir
    private Path directory;

    private static String proc(MachineRun run, String name) {
        int from = run.out().length();
        run.type("cat /proc/" + name);
        return run.out().substring(from);
    }

    /** Returns the file's text now, without a task that takes memory to read it as in {@link #proc}. */
    private static String look(MachineRun run, String name) {
        return run.board().kernel().files().proc().file(name).text(run.board().machine().peek(0));
    }

    /** Counts free pages by zone in {@code /proc/buddyinfo}. */
    private static Map<String, Long> freeByBuddyinfo(String text) {
        Map<String, Long> free = new LinkedHashMap<>();
        for (String line : text.lines().toList()) {
            Matcher matcher = Pattern.compile("Node 0, zone +(\\w+) ((?: *\\d+ )+)").matcher(line);
            assertThat(matcher.matches()).as(line).isTrue();
            List<Long> blocks = Arrays.stream(matcher.group(2).strip().split(" +")).map(Long::valueOf).toList();
            assertThat(blocks).as("orders").hasSize(11);
            long pages = 0;
            for (int order = 0; order < blocks.size(); order++) {
                pages += blocks.get(order) << order;
            }
            free.put(matcher.group(1), pages);
        }
        return free;
    }

    /** Returns a number of each zone in {@code /proc/zoneinfo}. */
    private static Map<String, Long> zoneinfo(String text, String number) {
        Map<String, Long> values = new LinkedHashMap<>();
        String zone = null;
        Pattern field = Pattern.compile("(?:  pages)? *" + number + " +(\\d+)");
        for (String line : text.lines().toList()) {
            if (line.startsWith("Node 0, zone")) {
                zone = line.substring("Node 0, zone".length()).strip();
            }
            Matcher matcher = field.matcher(line);
            if (matcher.matches()) {
                values.put(zone, Long.valueOf(matcher.group(1)));
            }
        }
        return values;
    }

    private static long kilobytes(String meminfo, String name) {
        Matcher matcher = Pattern.compile("(?m)^" + name + ": +(\\d+) kB$").matcher(meminfo);
        assertThat(matcher.find()).as(name + " in\n" + meminfo).isTrue();
        return Long.parseLong(matcher.group(1));
    }

    @Test
    void aGibibyteHasThreeZonesAndSixtyFourMebibytesHaveTwo(Machines machines) throws IOException {
        MachineRun big = machines.boot();
        MachineRun small = machines.boot(options -> options.ram(64 * MIB));
        MachineRun tiny = machines.boot(options -> options.ram(8 * MIB));
        assertThat(freeByBuddyinfo(proc(big, "buddyinfo"))).containsOnlyKeys("DMA", "Normal", "HighMem");
        assertThat(freeByBuddyinfo(proc(small, "buddyinfo"))).containsOnlyKeys("DMA", "Normal");
        assertThat(freeByBuddyinfo(proc(tiny, "buddyinfo"))).containsOnlyKeys("DMA");
        assertThat(zoneinfo(proc(big, "zoneinfo"), "start_pfn:")).containsOnly(Map.entry("DMA", 0L),
                Map.entry("Normal", 16 * MIB / 4096), Map.entry("HighMem", 896 * MIB / 4096));
        assertThat(zoneinfo(proc(small, "zoneinfo"), "start_pfn:")).as("of zones with memory")
                .containsOnlyKeys("DMA", "Normal");
        assertThat(zoneinfo(proc(small, "zoneinfo"), "spanned")).containsEntry("HighMem", 0L);
        assertThat(kilobytes(proc(small, "meminfo"), "HighTotal")).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {8, 16, 24, 64, 896, 897, 1024, 3840})
    void theCountsOfBuddyinfoZoneinfoAndMeminfoAgree(long mebibytes, Machines machines) throws IOException {
        MachineRun run = machines.boot(options -> options.ram(mebibytes * MIB));
        for (int time = 0; time < 2; time++) {
            Map<String, Long> free = freeByBuddyinfo(look(run, "buddyinfo"));
            String zoneinfo = look(run, "zoneinfo");
            String meminfo = look(run, "meminfo");
            assertThat(zoneinfo(zoneinfo, "free")).containsAllEntriesOf(free)
                    .containsOnlyKeys("DMA", "Normal", "HighMem");
            assertThat(zoneinfo(zoneinfo, "nr_free_pages")).isEqualTo(free);
            assertThat(kilobytes(meminfo, "MemFree")).isEqualTo(4 * sum(free));
            assertThat(kilobytes(meminfo, "HighFree")).isEqualTo(4 * free.getOrDefault("HighMem", 0L));
            assertThat(kilobytes(meminfo, "LowFree")).isEqualTo(4 * (sum(free) - free.getOrDefault("HighMem", 0L)));
            assertThat(kilobytes(meminfo, "MemTotal")).isEqualTo(4 * sum(zoneinfo(zoneinfo, "managed")));
            assertThat(sum(zoneinfo(zoneinfo, "spanned"))).isEqualTo(mebibytes * MIB / 4096);
            assertThat(kilobytes(meminfo, "MemAvailable"))
                    .isPositive().isLessThanOrEqualTo(kilobytes(meminfo, "MemFree"));
            run.type("echo allocates > /dev/ttyS0", "ls /dev /proc");
        }
    }

    /** In the form of Linux 6.1: init/version.c, arch/riscv/kernel/cpu.c, fs/proc/array.c. */
    @Test
    void theMachineAndItsTasksAreDescribed(Machines machines) throws IOException {
        MachineRun run = machines.boot(options -> options.ram(64 * MIB).harts(2));
        assertThat(proc(run, "version"))
                .isEqualTo("Linux version 6.1.0-ferrite (ferrite@ferrite) (javac) Ferrite mini-kernel\n");
        String hart = "isa\t\t: rv32imac_sstc\nmmu\t\t: sv32\nmvendorid\t: 0x0\nmarchid\t\t: 0x0\nmimpid\t\t: 0x0\n\n";
        assertThat(proc(run, "cpuinfo")).isEqualTo("processor\t: 0\nhart\t\t: 0\n" + hart
                + "processor\t: 1\nhart\t\t: 1\n" + hart);
        assertThat(proc(run, "self/status")).matches("Name:\tcat\nState:\tR \\(running\\)\nTgid:\t(\\d+)\nNgid:\t0\n"
                + "Pid:\t\\1\nPPid:\t1\nTracerPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nThreads:\t1\n"
                + "SigPnd:\t0{16}\nSigBlk:\t0{16}\nSigIgn:\t0{16}\nSigCgt:\t0{16}\n");
        run.forgetOutput().type("ls /proc", "ls -l /proc/self/ /proc/self", "cat /proc/77/status");
        assertThat(run.out()).startsWith("1\n2\n").contains("\nself\n", " status\n")
                .containsPattern("lrwxrwxrwx 1 root root 0 /proc/self -> \\d+\n");
        assertThat(run.err()).isEqualTo("cat: /proc/77/status: No such file or directory\n");
    }

    private static long sum(Map<String, Long> values) {
        return values.values().stream().mapToLong(Long::longValue).sum();
    }

    @Test
    void theMonitorsZonesHaveTheSameFreeMemory(Machines machines) throws IOException {
        MachineRun run = machines.boot(options -> options.zones(4 * MIB, 512 * MIB));
        Map<String, Long> start = zoneinfo(look(run, "zoneinfo"), "start_pfn:");
        assertThat(start).containsEntry("DMA", 0L).containsEntry("Normal", 4 * MIB / 4096)
                .containsEntry("HighMem", 512 * MIB / 4096);
        Map<String, Long> free = freeByBuddyinfo(look(run, "buddyinfo"));
        assertThat(free.get("DMA")).isLessThanOrEqualTo(4 * MIB / 4096);
        assertThat(free.get("HighMem")).as("but for kernel stacks").isBetween(511 * MIB / 4096, 512 * MIB / 4096);
        run.forgetOutput().type("zones");
        assertThat(run.out()).contains("DMA", "Normal", "HighMem").containsPattern("51[12]\\.\\d MiB");
    }

    @Test
    void interruptsAreCountedByHartAndKnownByName(Machines machines) throws IOException {
        Path disk = Disks.random(directory, 8 * Disks.PIECE);
        MachineRun run = machines.boot(options -> options.readOnlyDisk(disk).harts(3));
        run.type("sha256sum /dev/disk0");
        String interrupts = proc(run, "interrupts");
        assertThat(interrupts.lines().findFirst().orElseThrow().strip()).matches("CPU0 +CPU1 +CPU2");
        assertThat(line(interrupts, "disk")).matches("  1:( +\\d+){3}  SiFive PLIC +1 Edge +disk");
        assertThat(counts(line(interrupts, "disk"))).isEqualTo(8);
        assertThat(line(interrupts, "console")).matches("  2:( +\\d+){3}  SiFive PLIC +2 Edge +console");
        assertThat(line(interrupts, "riscv-timer")).matches(" 32:( +\\d+){3}  RISC-V INTC +5 Edge +riscv-timer");
        assertThat(line(interrupts, "Rescheduling interrupts")).startsWith("IPI0:");
        run.type("sha256sum /dev/disk0");
        assertThat(counts(line(proc(run, "interrupts"), "disk"))).isEqualTo(16);
    }

    private static String line(String text, String end) {
        return text.lines().filter(line -> line.endsWith(" " + end))
                .findFirst().orElseThrow(() -> new AssertionError("no line for " + end + " in\n" + text));
    }

    private static long counts(String line) {
        return Arrays.stream(line.substring(5, line.indexOf("SiFive")).strip().split(" +"))
                .mapToLong(Long::parseLong).sum();
    }

    @Test
    void channelTwoIsTheDisks(MachineRun run) {
        assertThat(proc(run, "dma")).isEqualTo(" 2: disk\n 4: cascade\n");
    }

    @ParameterizedTest
    @ValueSource(longs = {8, 1024, 3840})
    void iomemHasRamAndEveryDeviceOnceAndInOrder(long mebibytes, Machines machines) throws IOException {
        MachineRun run = machines.boot(options -> options.ram(mebibytes * MIB));
        String iomem = proc(run, "iomem");
        assertThat(iomem)
                .startsWith(String.format(Locale.ROOT, "00000000-%08x : System RAM\n  00000000-", mebibytes * MIB - 1))
                .contains("\nf0040000-f00400ff : dma@f0040000\n",
                        "\nf0050000-f0050fff : disk@f0050000\n  f0050000-f0050fff : disk\n", "plic@f4000000\n");
        long end = -1;
        for (String line : iomem.lines().filter(one -> !one.startsWith(" ")).toList()) {
            assertThat(line).matches("[0-9a-f]{8}-[0-9a-f]{8} : .+");
            assertThat(Long.parseLong(line.substring(0, 8), 16)).as(line).isGreaterThan(end);
            end = Long.parseLong(line.substring(9, 17), 16);
        }
        List<String> nested = iomem.lines().filter(one -> one.startsWith(" ")).toList();
        long reserved = -1;
        for (String line : nested.stream().filter(one -> one.endsWith(" : Reserved")).toList()) {
            assertThat(line).matches("  [0-9a-f]{8}-[0-9a-f]{8} : Reserved");
            assertThat(Long.parseLong(line.substring(2, 10), 16)).as(line).isGreaterThan(reserved);
            reserved = Long.parseLong(line.substring(11, 19), 16);
        }
        assertThat(reserved).isPositive().isLessThan(mebibytes * MIB);
        assertThat(nested.stream().filter(one -> !one.endsWith(" : Reserved")).map(one -> one.substring(22)))
                .containsExactlyInAnyOrder("disk", "copier", "console", "uart", "test@f0030000");
    }

    @Test
    void whatIsNotThereIsSaidSo(MachineRun run) {
        run.type("cat /proc/nonsense", "cat /proc", "cat /etc/passwd", "cat proc/none", "ls /nowhere");
        assertThat(run.err()).isEqualTo("cat: /proc/nonsense: No such file or directory\ncat: /proc: Is a directory\n"
                + "cat: /etc/passwd: No such file or directory\ncat: proc/none: No such file or directory\n"
                + "ls: cannot access '/nowhere': No such file or directory\n");
        assertThat(run.failedCommands()).isEqualTo(5);
    }
}
