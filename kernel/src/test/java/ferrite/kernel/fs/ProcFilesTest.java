package ferrite.kernel.fs;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Machine;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.sched.TimerFunction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The texts are Linux's, column for column: the patterns are the formats of its seq_printf calls. The files also agree
 * with each other.
 */
@Timeout(60)
class ProcFilesTest {

    private static final String NUMBER = "\\d+";

    private static KernelFixture boot(int mebibytes) {
        return KernelFixture.options().ram((long) mebibytes << 20).harts(2).boot();
    }

    /** A number printed with {@code %6lu}: padded to the width, or longer if it does not fit. */
    private static String width(int width) {
        StringBuilder pattern = new StringBuilder("(?:");
        for (int digits = 1; digits < width; digits++) {
            pattern.append(" {").append(width - digits).append("}\\d{").append(digits).append("}|");
        }
        return pattern.append("\\d{").append(width).append(",})").toString();
    }

    // ---- buddyinfo: "Node %d, zone %8s " and "%6lu " for each order ----

    @ParameterizedTest
    @ValueSource(ints = {8, 64, 1024})
    void buddyinfoHasLinuxColumns(int mebibytes) {
        try (KernelFixture fixture = boot(mebibytes)) {
            assertThat(fixture.proc("buddyinfo"))
                    .matches("(?:Node 0, zone (?:     DMA|  Normal| HighMem) (?:" + width(6) + " ){11}\n)+");
        }
    }

    /** Returns the free pages of each zone, from buddyinfo. */
    private static Map<String, Long> freeByBuddyInfo(KernelFixture fixture) {
        Map<String, Long> free = new LinkedHashMap<>();
        fixture.proc("buddyinfo").lines().forEach(line -> {
            String[] columns = line.substring("Node 0, zone".length()).strip().split(" +");
            long pages = 0;
            for (int order = 0; order < 11; order++) {
                pages += Long.parseLong(columns[1 + order]) << order;
            }
            free.put(columns[0], pages);
        });
        return free;
    }

    // ---- zoneinfo ----

    /** {@code "\n      %-12s %lu"}. */
    private static final String STAT = "\n      (?:[a-z_]{12,}|(?=.{12} )[a-z_]+ *) " + NUMBER;

    private static final Pattern ZONE = Pattern.compile("Node 0, zone (?<zone>[ A-Za-z]{8})"
            + "(?:\n  per-node stats(?:" + STAT + ")+)?"
            + "\n  pages free     (?<free>" + NUMBER + ")"
            + "\n        boost    " + NUMBER
            + "\n        min      (?<min>" + NUMBER + ")"
            + "\n        low      (?<low>" + NUMBER + ")"
            + "\n        high     (?<high>" + NUMBER + ")"
            + "\n        spanned  (?<spanned>" + NUMBER + ")"
            + "\n        present  (?<present>" + NUMBER + ")"
            + "\n        managed  (?<managed>" + NUMBER + ")"
            + "\n        cma      " + NUMBER
            + "\n        protection: \\((?:" + NUMBER + ", )+" + NUMBER + "\\)"
            + "(?<populated>\n      nr_free_pages (?<nr>" + NUMBER + ")(?:" + STAT + ")+"
            + "\n  pagesets(?:\n    cpu: " + NUMBER + "\n              count: " + NUMBER + "\n              high:  "
            + NUMBER + "\n              batch: " + NUMBER + "\n  vm stats threshold: " + NUMBER + ")+"
            + "\n  node_unreclaimable:  " + NUMBER + "\n  start_pfn:           (?<start>" + NUMBER + "))?\n");

    @ParameterizedTest
    @ValueSource(ints = {8, 64, 1024})
    void zoneinfoHasLinuxLinesAndAgreesWithBuddyinfo(int mebibytes) {
        try (KernelFixture fixture = boot(mebibytes)) {
            String text = fixture.proc("zoneinfo");
            Matcher zones = ZONE.matcher(text);
            List<String> names = new ArrayList<>();
            Map<String, Long> free = new LinkedHashMap<>();
            int end = 0;
            long pfn = 0;
            while (zones.find()) {
                assertThat(zones.start()).as("nothing between two zones").isEqualTo(end);
                end = zones.end();
                names.add(zones.group("zone").strip());
                if (zones.group("populated") == null) {
                    assertThat(zones.group().replaceAll("[^0-9]", ""))
                            .as("an empty zone: %s", zones.group()).matches("0+");
                    continue;
                }
                free.put(zones.group("zone").strip(), Long.parseLong(zones.group("free")));
                assertThat(zones.group("nr")).isEqualTo(zones.group("free"));
                assertThat(Long.parseLong(zones.group("start"))).isEqualTo(pfn);
                pfn += Long.parseLong(zones.group("spanned"));
                assertThat(Long.parseLong(zones.group("min"))).isLessThan(Long.parseLong(zones.group("low")));
                assertThat(Long.parseLong(zones.group("low"))).isLessThan(Long.parseLong(zones.group("high")));
                assertThat(Long.parseLong(zones.group("managed")))
                        .isLessThanOrEqualTo(Long.parseLong(zones.group("present")));
            }
            assertThat(end).as("nothing after the last zone").isEqualTo(text.length());
            assertThat(names).as("those without memory too").containsExactly("DMA", "Normal", "HighMem");
            assertThat(free).isEqualTo(freeByBuddyInfo(fixture));
            assertThat(pfn).isEqualTo(mebibytes * 256L);
            assertThat(text.split("cpu: ", -1)).hasSize(1 + 2 * free.size());
        }
    }

    // ---- meminfo: "%-16s" "%8lu" " kB" ----

    private static Map<String, Long> memInfo(KernelFixture fixture) {
        Map<String, Long> values = new HashMap<>();
        fixture.proc("meminfo").lines().forEach(line -> values.put(line.substring(0, line.indexOf(':')),
                Long.parseLong(line.substring(16, line.length() - 3).strip())));
        return values;
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 64, 1024, 3840})
    void meminfoHasLinuxColumnsAndItsSumsAgree(int mebibytes) {
        try (KernelFixture fixture = boot(mebibytes)) {
            assertThat(fixture.proc("meminfo"))
                    .matches("(?:(?=.{16}" + width(8) + " kB\n)[A-Za-z_]+(?:\\([a-z]+\\))?: *" + NUMBER + " kB\n)+");
            Map<String, Long> values = memInfo(fixture);
            Map<String, Long> free = freeByBuddyInfo(fixture);
            assertThat(values.get("MemFree")).isEqualTo(4 * free.values().stream().mapToLong(Long::longValue).sum());
            assertThat(values.get("HighFree")).isEqualTo(4 * free.getOrDefault("HighMem", 0L));
            assertThat(values.get("LowTotal") + values.get("HighTotal")).isEqualTo(values.get("MemTotal"));
            assertThat(values.get("LowFree") + values.get("HighFree")).isEqualTo(values.get("MemFree"));
            assertThat(values.get("MemAvailable")).isBetween(values.get("MemFree") / 2, values.get("MemFree"));
            assertThat(values.get("MemTotal")).isBetween(mebibytes * 1024L * 9 / 10, mebibytes * 1024L);
            assertThat(values.get("SReclaimable") + values.get("SUnreclaim")).isEqualTo(values.get("Slab"));
        }
    }

    @Test
    void memoryThatATaskTakesIsMissingInEveryFile() {
        try (KernelFixture fixture = boot(64)) {
            long free = memInfo(fixture).get("MemFree");
            long slab = memInfo(fixture).get("Slab");
            fixture.run(() -> {
                check(fixture.kernel().calls().__getFreePages(Gfp.GFP_DMA, 4) != 0, "no memory");
                check(fixture.kernel().calls().kmalloc(3000, Gfp.GFP_KERNEL) != 0, "no memory");
            });
            assertThat(memInfo(fixture).get("Slab")).isEqualTo(slab + 16);
            assertThat(memInfo(fixture).get("MemFree")).isEqualTo(free - 64 - 16);
            assertThat(freeByBuddyInfo(fixture).values().stream().mapToLong(Long::longValue).sum() * 4)
                    .isEqualTo(free - 64 - 16);
        }
    }

    // ---- the others ----

    @Test
    void interruptsHasAColumnForEachHart() {
        try (KernelFixture fixture = boot(64)) {
            String[] lines = fixture.proc("interrupts").split("\n");
            assertThat(lines[0]).matches(" {11}CPU0 {7}CPU1 *");
            assertThat(lines[1]).matches(" *1: " + width(10) + " " + width(10) + "  ?SiFive PLIC +1 \\S+ +fixture");
            assertThat(List.of(lines)).anyMatch(line -> line.matches(" *\\d+: .* RISC-V INTC +5 .*riscv-timer"));
            assertThat(lines[lines.length - 1])
                    .matches("IPI0:" + width(10) + " " + width(10) + "  ?Rescheduling interrupts");
        }
    }

    @Test
    void iomemListsRamWhatIsReservedInItAndEveryDevice() {
        try (KernelFixture fixture = boot(1024)) {
            String text = fixture.proc("iomem");
            assertThat(text).matches("(?:(?:  )?[0-9a-f]{8}-[0-9a-f]{8} : \\S.*\n)+");
            assertThat(text).startsWith("00000000-3fffffff : System RAM\n  00000000-00001fff : Reserved\n");
            assertThat(text).contains("f4000000-f43fffff : plic@f4000000\n")
                    .contains("f0040000-f0040fff : dma@f0040000\n");
        }
    }

    /** Law 5. */
    @Test
    void lookingAtThemChangesNothing() {
        try (KernelFixture fixture = boot(64)) {
            Machine.Digest before = fixture.machine.digest();
            long now = fixture.machine.clock().now();
            fixture.kernel().files().proc().names(fixture.peek()).forEach(fixture::proc);
            assertThat(fixture.machine.digest()).isEqualTo(before);
            assertThat(fixture.machine.clock().now()).isEqualTo(now);
        }
    }

    @Test
    void aTaskReadsThemInPiecesAndSeesOneMoment() {
        try (KernelFixture fixture = boot(64)) {
            String before = fixture.accounting();
            String[] atOpen = new String[1];
            StringBuilder read = new StringBuilder();
            fixture.run(() -> {
                long buffer = fixture.zeroed(64);
                int other = fixture.kernel().files().open("/proc/meminfo", Fcntl.O_RDONLY);
                atOpen[0] = fixture.proc("buddyinfo");
                int file = fixture.kernel().files().open("/proc/buddyinfo", Fcntl.O_RDONLY);
                check(other >= 0 && file > other, "open: " + other + ", " + file);
                long taken = fixture.kernel().calls().__getFreePages(Gfp.GFP_KERNEL, 0);
                byte[] bytes = new byte[10];
                for (int length = fixture.kernel().files().read(file, buffer, 10); length > 0;
                        length = fixture.kernel().files().read(file, buffer, 10)) {
                    fixture.memory().read(buffer, bytes, 0, length);
                    read.append(new String(bytes, 0, length, StandardCharsets.UTF_8));
                }
                fixture.kernel().calls().freePages(taken, 0);
                fixture.kernel().calls().kfree(buffer);
                check(fixture.kernel().files().close(file) == 0, "close");  // the task's end closes the other one
            });
            assertThat(read.toString()).isEqualTo(atOpen[0]);
            assertThat(fixture.accounting()).isEqualTo(before);
        }
    }

    // ---- stat, softirqs, uptime, loadavg ----

    private static long[] numbers(String line) {
        return Pattern.compile("\\d+").matcher(line.replaceFirst("^cpu\\d*", "")).results()
                .mapToLong(number -> Long.parseLong(number.group())).toArray();
    }

    @Test
    void statHasLinuxLinesAndItsTimesAddUpToTheUptimeOfEachHart() {
        try (KernelFixture fixture = boot(64)) {
            fixture.runUnderInterrupts(200_000, () -> fixture.kernel().calls().udelay(200), List.of(
                    KernelFixture.Job.on(0, () -> fixture.kernel().calls().msleep(60)),
                    KernelFixture.Job.on(1, () -> fixture.kernel().calls().mdelay(22))));
            String stat = fixture.proc("stat");
            String columns = "(?: \\d+){10}\n";
            assertThat(stat).matches("cpu " + columns + "cpu0" + columns + "cpu1" + columns + "intr(?: \\d+){33}\n"
                    + "ctxt \\d+\nbtime 0\nprocesses \\d+\nprocs_running \\d+\nprocs_blocked 0\n"
                    + "softirq(?: \\d+){11}\n");
            List<String> lines = stat.lines().toList();
            long hundredths = fixture.machine.moment().ticks() / 1_000_000;
            for (int hart = 0; hart < 2; hart++) {
                long sum = Arrays.stream(numbers(lines.get(1 + hart))).sum();
                assertThat(sum).isBetween(hundredths - 4, hundredths);
            }
            long[] hart0 = numbers(lines.get(1));
            long[] hart1 = numbers(lines.get(2));
            assertThat(hart0[5]).as("hundredths in interrupts").isBetween(hundredths / 20, hundredths / 5);
            assertThat(hart1[2]).as("hundredths in the system").isGreaterThanOrEqualTo(2);
            assertThat(hart1[5]).isZero();
            long[] intr = numbers(lines.get(3));
            assertThat(Arrays.stream(intr, 1, intr.length).sum()).isLessThan(intr[0]).isPositive();
            long[] softirqs = numbers(lines.get(8));
            assertThat(Arrays.stream(softirqs, 1, softirqs.length).sum()).isEqualTo(softirqs[0]);
        }
    }

    @Test
    void softirqsHasLinuxColumnsAndCountsTimers() {
        try (KernelFixture fixture = boot(64)) {
            fixture.run(() -> {
                long timer = fixture.zeroed(64);
                fixture.kernel().calls().addTimer(timer, fixture.kernel().calls().jiffies() + 1,
                        fixture.text("nothing", (TimerFunction) data -> { }), 0);
                fixture.kernel().calls().msleep(10);
            });
            assertThat(fixture.proc("softirqs"))
                    .matches(" {20}CPU0 {7}CPU1 {7}\n(?:[ A-Z_]{12}:(?: [ \\d]{10}){2}\n){10}")
                    .containsPattern("       TIMER: +(1 +0|0 +1)\n").containsPattern("          HI: +0 +0\n");
        }
    }

    @Test
    void uptimeIsTheTimeAndTheIdleTimeOfAllHarts() {
        try (KernelFixture fixture = boot(64)) {
            fixture.run(() -> fixture.kernel().calls().ssleep(3));
            assertThat(fixture.proc("uptime")).matches("3\\.0\\d [56]\\.\\d\\d\n");
        }
    }

    @Test
    void loadavgRisesAndFallsAsLinuxNumbersSay() {
        try (KernelFixture fixture = boot(64)) {
            assertThat(fixture.proc("loadavg")).matches("0\\.00 0\\.00 0\\.00 \\d/\\d+ \\d+\n");
            fixture.run(() -> fixture.kernel().calls().ssleep(60));        // and its parent waits: two are active
            double[] loads = loads(fixture);
            assertThat(loads[0]).isBetween(2 * (1 - Math.exp(-1)) - 0.1, 2 * (1 - Math.exp(-1)) + 0.05);
            assertThat(loads[1]).isBetween(2 * (1 - Math.exp(-0.2)) - 0.05, 2 * (1 - Math.exp(-0.2)) + 0.05);
            assertThat(loads[2]).isBetween(0.08, 0.16);
            fixture.run(() -> fixture.kernel().calls().msleepInterruptible(600_000));  // only the parent is active
            loads = loads(fixture);
            assertThat(loads[0]).isBetween(0.95, 1.02);
            assertThat(loads[1]).isBetween(0.8, 0.95);
        }
    }

    private static double[] loads(KernelFixture fixture) {
        return Arrays.stream(fixture.proc("loadavg").split(" ")).limit(3).mapToDouble(Double::parseDouble)
                .toArray();
    }

    // ---- PID/stat ----

    /** As {@code allow_signal} does in Linux: the signal is neither ignored nor one with the default action. */
    @Test
    void aKernelTaskIgnoresAllSignalsButThoseThatItAllows() {
        try (KernelFixture fixture = boot(64)) {
            List<String> texts = new ArrayList<>();
            fixture.run(() -> {
                for (boolean allows : new boolean[] {false, true}) {
                    fixture.kernel().tasks().signals().allowInterrupt(allows);
                    String pid = "/proc/" + fixture.kernel().tasks().tasks().pid(fixture.cpu().tp());
                    texts.add(text(fixture, pid + "/status").replaceFirst("(?s).*SigIgn", "SigIgn"));
                    String[] stat = text(fixture, pid + "/stat").split(" ");
                    texts.add(String.join(" ", stat[30], stat[31], stat[32], stat[33]));
                }
            });
            assertThat(texts).containsExactly("SigIgn:\tffffffffffffffff\nSigCgt:\t0000000000000000\n",
                    "0 0 2147483647 0", "SigIgn:\tfffffffffffffffd\nSigCgt:\t0000000000000002\n",
                    "0 0 2147483645 2");
        }
    }

    private static String text(KernelFixture fixture, String path) {
        int file = fixture.kernel().files().open(path, Fcntl.O_RDONLY);
        long page = fixture.zeroed(4096);
        byte[] bytes = new byte[fixture.kernel().files().read(file, page, 4096)];
        fixture.memory().read(page, bytes, 0, bytes.length);
        fixture.kernel().files().close(file);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    void pidStatHasTheFieldsOfProcAndCountsTheTimeOfATask() {
        try (KernelFixture fixture = boot(64)) {
            fixture.run(() -> {
                int pid = fixture.kernel().tasks().tasks().pid(fixture.cpu().tp());
                fixture.kernel().calls().msleep(40);
                fixture.kernel().calls().mdelay(25);
                int file = fixture.kernel().files().open("/proc/" + pid + "/stat", Fcntl.O_RDONLY);
                check(file >= 0, "open: " + file);
                long page = fixture.zeroed(4096);
                int length = fixture.kernel().files().read(file, page, 4096);
                byte[] bytes = new byte[length];
                fixture.memory().read(page, bytes, 0, length);
                String stat = new String(bytes, StandardCharsets.UTF_8);
                check(stat.matches("\\d+ \\([^)]+\\) R( -?\\d+){49}\n"), stat);
                String[] fields = stat.strip().split(" ");
                check(Integer.parseInt(fields[0]) == pid, "pid: " + stat);
                int stime = Integer.parseInt(fields[14]);
                check(stime >= 2 && stime <= 4, "hundredths that it has run: " + stat);
                check(Integer.parseInt(fields[38]) == fixture.cpu().hartId(), "processor: " + stat);
                check(fixture.kernel().files().open("/proc/99999/stat", Fcntl.O_RDONLY) == -Errno.ENOENT, "no task");
            });
        }
    }
}
