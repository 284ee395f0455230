package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.board.options.BoardOptions;
import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.ReportText;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.PerCpuLayout;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.mm.MemMap;
import ferrite.kernel.mm.PageLayout;
import ferrite.kernel.mm.PageOwner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of ferrite-gdb.py on a machine's memory, against the machine's own inspectors. */
class GdbCommandsTest {

    private static final long TICKS_PER_MICROSECOND = 100;
    private static final int LOW_BYTES = 40 << 20;

    @TempDir
    private static Path directory;
    private static GdbMachine machine;
    private static final HoldingDriver DRIVER = new HoldingDriver();

    /** A machine with three zones, owners of pages and of objects, and a driver with a resource of each kind. */
    @BeforeAll
    static void boot() throws IOException {
        machine = GdbMachine.start(directory, new BoardOptions().harts(3).ram(48 << 20).zones(16 << 20, LOW_BYTES)
                .disk(Disks.random(directory, 64 << 10)).driver(DRIVER).objectOwners(), "sha256sum /dev/disk0", "ps",
                "cat /proc/vmallocinfo");
        machine.writeMemory();
    }

    @AfterAll
    static void close() {
        machine.close();
    }

    private static String gdb(String... commands) throws IOException, InterruptedException {
        Program.Ended ended = machine.gdb("memory.elf", commands);
        assertThat(ended.err()).isEmpty();
        return ended.out();
    }

    private static String error(String file, String... commands) throws IOException, InterruptedException {
        return machine.gdb(file, commands).err();
    }

    private static String proc(String name) {
        return machine.kernel().files().proc().file(name).text(machine.view());
    }

    @Test
    void slabinfoIsThatOfProc() throws IOException, InterruptedException {
        assertThat(gdb("fe-slabinfo")).isEqualTo(proc("slabinfo")).contains("task_struct")
                .isEqualTo(gdb("lx-slabinfo"));
    }

    @Test
    void vmallocinfoIsThatOfProc() throws IOException, InterruptedException {
        assertThat(gdb("fe-vmallocinfo")).isEqualTo(proc("vmallocinfo")).contains("ioremap")
                .isEqualTo(gdb("lx-vmallocinfo"));
    }

    @Test
    void dmaIsThatOfProc() throws IOException, InterruptedException {
        assertThat(gdb("fe-dma")).isEqualTo(proc("dma")).contains("2: disk");
    }

    @Test
    void liveMappingsAreListed() throws IOException, InterruptedException {
        long pa = DRIVER.mapped - AddressSpace.PAGE_OFFSET;
        assertThat(gdb("fe-dma mappings").lines().filter(line -> line.startsWith("device "))).singleElement().asString()
                .startsWith("device dma_map_single P=" + Long.toHexString(pa) + " N=" + Long.toHexString(pa >> 12)
                        + " D=" + Long.toHexString(pa) + " L=64 DMA_TO_DEVICE dma map error checked ")
                .contains("HoldingDriver.java:");
        assertThat(error("memory.elf", "fe-dma all")).contains("fe-dma takes 'mappings' or no argument");
    }

    @Test
    void zonesAreThoseOfProc() throws IOException, InterruptedException {
        List<String> zoneinfo = proc("zoneinfo").lines().toList();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < zoneinfo.size(); i++) {
            boolean shown = zoneinfo.get(i).startsWith("Node ")
                    || zoneinfo.get(i).matches(" +(pages free|boost|min|low|high|spanned|present|managed|cma) .*")
                    && !zoneinfo.get(i).startsWith("              ")
                    || zoneinfo.get(i).startsWith("        protection:");
            if (shown) {
                expected.add(zoneinfo.get(i));
            }
        }
        assertThat(gdb("fe-zones").lines().toList()).isEqualTo(expected).hasSize(33);
    }

    @Test
    void theLogIsDmesgs() throws IOException, InterruptedException {
        assertThat(gdb("fe-dmesg")).isEqualTo(machine.kernel().base().log().text(machine.view())).contains("disk")
                .isEqualTo(gdb("lx-dmesg"));
    }

    @Test
    void tasksAreThoseOfPs() throws IOException, InterruptedException {
        List<String> typed = machine.run().out().lines().dropWhile(line -> !line.contains("PID TTY"))
                .takeWhile(line -> !line.startsWith("0x")).toList();
        List<String> shown = gdb("fe-ps").lines().toList();
        assertThat(shown).startsWith(typed.get(0)).hasSizeGreaterThan(1).isEqualTo(gdb("lx-ps").lines().toList());
        assertThat(typed.stream().map(GdbCommandsTest::withoutState).toList())
                .containsAll(shown.stream().map(GdbCommandsTest::withoutState).toList());
    }

    /** The shell ran ps, and sleeps now. */
    private static String withoutState(String line) {
        return line.replaceFirst(" [RSD]    ", " *    ");
    }

    @Test
    void whoIsTheMonitorsCommand() throws IOException, InterruptedException, MonitorException {
        Kernel kernel = machine.kernel();
        long root = kernel.base().root();
        MemMap memMap = kernel.mm().memMap();
        List<Long> addresses = new ArrayList<>(List.of(root + 0x40, DRIVER.object, DRIVER.object + 4,
                DRIVER.object - 3, DRIVER.mapped + 99, DRIVER.mapped + 100, DRIVER.block + 47, DRIVER.block + 1020,
                DRIVER.freedBlock, DRIVER.area + 9999, DRIVER.area + 12_288, DRIVER.freedArea + 1,
                0xc000_0000L, 0xc100_0000L, 0xf800_0010L, 0xf800_1ffcL, 0xf900_0000L, 0xff80_0000L, 0x1234_5678L,
                0x5000L, 0x2ff_ffffL, RootLayout.LOG.get(machine.view(), root)));
        for (int flag = PageLayout.RESERVED; flag <= PageLayout.GUARD; flag <<= 1) {
            for (long pfn = memMap.lowEndPfn() - 1; pfn > 0; pfn--) {
                if ((PageLayout.FLAGS.get(machine.view(), memMap.pfnToPage(pfn)) & flag) != 0) {
                    addresses.add(memMap.pageAddress(memMap.pfnToPage(pfn)) + 0x123);
                    break;
                }
            }
        }
        Set<String> rows = new TreeSet<>();
        for (long address : addresses) {
            List<String> expected = ReportText.of(machine.run().board().monitor().execute("who " + address)).lines()
                    .toList();
            assertThat(gdb("fe-who " + address).lines().toList()).as("who 0x" + Long.toHexString(address))
                    .isEqualTo(expected);
            rows.addAll(expected.stream().map(line -> line.replaceFirst("  .*", "")).toList());
        }
        assertThat(rows).contains("vm_struct", "made", "given back", "owner", "freed", "slab", "object owner",
                "dma pool", "block owner", "mapped");
    }

    @Test
    void pageOwnersAreThoseOfTheKernel() throws IOException, InterruptedException {
        MemMap memMap = machine.kernel().mm().memMap();
        List<String> expected = new ArrayList<>();
        long last = 0;
        for (long pfn = memMap.firstPfn(); pfn < memMap.endPfn(); pfn++) {
            long page = memMap.pfnToPage(pfn);
            PageOwner.Owner owner = machine.kernel().mm().owners().of(machine.view(), pfn);
            if ((PageLayout.FLAGS.get(machine.view(), page) & PageLayout.HEAD) != 0 && owner != null) {
                expected.add("Page allocated via order " + PageLayout.ORDER.get(machine.view(), page) + ", mask 0x"
                        + Integer.toHexString(owner.gfp()) + "(" + Gfp.names(owner.gfp()) + "), pid " + owner.pid()
                        + ", tgid " + owner.pid() + " (" + owner.task() + "), ts "
                        + owner.ticks() * 1000 / TICKS_PER_MICROSECOND + " ns");
                expected.add("PFN 0x" + Long.toHexString(pfn) + " " + owner.site());
                last = pfn;
            }
        }
        List<String> shown = gdb("fe-page-owner").lines().toList();
        List<String> joined = new ArrayList<>();
        for (int i = 0; i < shown.size(); i += 4) {
            assertThat(shown.get(i + 3)).isEmpty();
            joined.add(shown.get(i));
            joined.add(shown.get(i + 1).replaceFirst(" zone .*", "") + shown.get(i + 2));
        }
        assertThat(joined).isEqualTo(expected).hasSizeGreaterThan(20);
        assertThat(gdb("lx-dump-page-owner --pfn " + last)).isEqualTo(gdb("fe-page-owner " + last))
                .contains("PFN 0x" + Long.toHexString(last));
    }

    @Test
    void functionsFindTheTaskAndTheVariableOfAHart() throws IOException, InterruptedException {
        List<String> expected = new ArrayList<>();
        List<String> commands = new ArrayList<>();
        long records = RootLayout.PER_CPU.get(machine.view(), machine.kernel().base().root());
        for (int hart = 0; hart < 3; hart++) {
            long record = records + (long) hart * PerCpuLayout.SIZE;
            long task = PerCpuLayout.CURRENT.get(machine.view(), record);
            commands.addAll(List.of("output $fe_current(" + hart + ")->comm", "echo \\n",
                    "output $lx_per_cpu(\"nr_switches\", " + hart + ")", "echo \\n",
                    "output/x (unsigned) $fe_per_cpu(\"test_packets\", " + hart + ")", "echo \\n",
                    "output/x (unsigned) $fe_per_cpu(" + DRIVER.variable + ", " + hart + ")", "echo \\n"));
            long copy = machine.kernel().mm().perCpu().perCpuPtr(DRIVER.variable, hart);
            expected.addAll(List.of("\"" + TaskLayout.COMM.get(machine.view(), task) + "\"",
                    Integer.toString(PerCpuLayout.SWITCHES.get(machine.view(), record)),
                    "0x" + Long.toHexString(copy), "0x" + Long.toHexString(copy)));
        }
        assertThat(gdb(commands.toArray(String[]::new)).lines().map(line -> line.replaceFirst("(\\\\000)+", "")))
                .isEqualTo(expected);
        assertThat(gdb("print $fe_current() == $lx_current(0)")).isEqualTo("$1 = 1\n");
    }

    @Test
    void linkedRecordsAreFollowedByTheirTypes() throws IOException, InterruptedException {
        long root = machine.kernel().base().root();
        long first = TaskLayout.TASKS.containerOf(ListHead.first(machine.view(), RootLayout.TASK_LIST.at(root)));
        assertThat(gdb("print ((struct task_struct *) " + first + ")->pid", "print zones[1].zone_start_pfn",
                "print *root.per_cpu[0].curr->comm@4", "print mem_map[0].flags", "print $fe_current()->entry"))
                .contains("$1 = " + TaskLayout.PID.get(machine.view(), first) + "\n", "$2 = 4096\n", "\"swap\"",
                        "$4 = 1\n");
    }

    @Test
    void everyCommandHasHelp() throws IOException, InterruptedException {
        for (String command : List.of("fe-ps", "fe-dmesg", "fe-slabinfo", "fe-zones", "fe-vmallocinfo",
                "fe-page-owner", "fe-dma", "fe-who", "lx-ps", "function fe_current", "function fe_per_cpu",
                "function lx_per_cpu")) {
            assertThat(gdb("help " + command)).hasSizeGreaterThan(30).doesNotContain("not documented");
        }
    }

    @Test
    void theSmallestMachineHasTheSameCommands(@TempDir Path own) throws IOException, InterruptedException {
        try (GdbMachine small = GdbMachine.start(own, new BoardOptions().harts(1).ram(8 << 20).owners(false))) {
            small.writeMemory();
            Program.Ended ended = small.gdb("memory.elf", "fe-slabinfo", "fe-vmallocinfo", "fe-dma");
            assertThat(ended.err()).isEmpty();
            assertThat(ended.out()).isEqualTo(Stream.of("slabinfo", "vmallocinfo", "dma")
                    .map(name -> small.kernel().files().proc().file(name).text(small.view()))
                    .collect(Collectors.joining()));
            assertThat(small.gdb("memory.elf", "fe-ps", "fe-zones", "print $fe_current()->pid", "fe-who &tasks",
                    "fe-dmesg").err()).isEmpty();
            assertThat(small.gdb("memory.elf", "fe-page-owner").err()).contains("--owners off");
        }
    }

    // ---- mistakes, and damaged memory ----

    @Test
    void mistakesAreSentences() throws IOException, InterruptedException {
        assertThat(error("memory.elf", "fe-ps 1")).isEqualTo("fe-ps takes no arguments; 'help fe-ps' explains it\n");
        assertThat(error("memory.elf", "fe-who")).contains("fe-who takes an address");
        assertThat(error("memory.elf", "fe-who nonsense")).contains("nonsense");
        assertThat(error("memory.elf", "fe-page-owner 99999999"))
                .contains("there is no frame 0x5f5e0ff: RAM has frames");
        assertThat(error("memory.elf", "print $fe_current(3)"))
                .contains("there is no hart 3: the machine has harts 0 to 2");
        assertThat(error("memory.elf", "print $fe_per_cpu(\"nonsense\", 0)"))
                .contains("no per-CPU variable 'nonsense'");
    }

    @Test
    void withoutMemoryTheyTellHowToConnect() throws IOException, InterruptedException {
        for (String command : List.of("fe-ps", "fe-dmesg", "fe-slabinfo", "fe-zones", "fe-vmallocinfo",
                "fe-page-owner", "fe-dma", "fe-who 0xc0001000", "print $fe_per_cpu(\"x\", 0)")) {
            assertThat(error("kernel.elf", command)).as(command).contains("there is no mini-kernel in memory")
                    .contains("target remote");
        }
        Files.write(directory.resolve("empty.py"), new byte[0]);
        assertThat(error("empty.py", "fe-ps")).contains("no symbol 'root'");
    }

    /** A node that points to itself, and one that points nowhere. */
    @Test
    void walksOfDamagedListsEnd() throws IOException, InterruptedException {
        long root = machine.kernel().base().root();
        long first = ListHead.first(machine.view(), RootLayout.TASK_LIST.at(root));
        Path damaged = directory.resolve("damaged.elf");
        for (int next : new int[] {(int) first, 0x1234}) {
            byte[] memory = Files.readAllBytes(directory.resolve("memory.elf"));
            int at = memory.length - LOW_BYTES + (int) (first - AddressSpace.PAGE_OFFSET);
            ByteBuffer.wrap(memory).order(ByteOrder.LITTLE_ENDIAN).putInt(at, next);
            Files.write(damaged, memory);
            Program.Ended ended = machine.gdb("damaged.elf", "fe-ps");
            assertThat(ended.out() + ended.err()).contains("damaged").hasLineCount(3);
        }
    }
}
