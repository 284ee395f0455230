package ferrite.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.report.Violation;
import ferrite.testkit.Machine;
import ferrite.testkit.MachineRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command dmesg, and a loaded driver that logs at each level and takes a region of registers. */
@Machine(ram = "64M")
@Timeout(60)
class DmesgTest {

    private static final String TALKER = """
            import ferrite.kernel.base.*;
            import ferrite.kernel.driver.*;
            import static ferrite.kernel.log.KernLevels.*;

            public final class Talker implements Driver {
                private KernelCalls kernel;

                public String name() { return "talker"; }
                public void link(KernelCalls theKernel, TextTable.Module text) { kernel = theKernel; }
                public int init() {
                    kernel.printk(KERN_ALERT + "talker: alert\\n");
                    kernel.prErr("talker: error");
                    kernel.printk("talker: default");
                    kernel.prDebug("talker: debug");
                    kernel.prInfo("talker: \\u001b[2Jred\\u009b1m\\r[    0.000000] fake\\nline\\tend");
                    return kernel.requestMemRegion(0xf1000000L, 0x100, "talker") == 0
                            || kernel.requestRegion(0x378, 4, "talker") == 0 ? -Errno.EBUSY : 0;
                }
                public void exit() {
                    if (GIVES_BACK) {
                        kernel.releaseMemRegion(0xf1000000L, 0x100);
                        kernel.releaseRegion(0x378, 4);
                    }
                }
            }
            """;

    @TempDir
    private Path directory;

    private Path talker(boolean givesBack) throws IOException {
        return DriverJar.build(directory, "Talker", TALKER.replace("GIVES_BACK", Boolean.toString(givesBack)),
                "Talker");
    }

    private static List<String> output(MachineRun run, String command) {
        run.forgetOutput().type(command);
        return run.out().lines().map(line -> line.replaceFirst("\\[ .*?] ", "")).toList();
    }

    @Test
    void levelsAreShownOnlyOnRequestAndChooseLines(MachineRun run) throws IOException {
        run.type("insmod " + talker(true));
        assertThat(output(run, "dmesg")).contains("talker: alert", "talker: error", "talker: default", "talker: debug")
                .noneMatch(line -> line.startsWith("<")).doesNotContain("");
        assertThat(output(run, "dmesg -r")).contains("<1>talker: alert", "<3>talker: error", "<4>talker: default",
                "<7>talker: debug").allMatch(line -> line.matches("<[0-7]>.*"));
        assertThat(output(run, "dmesg -l err,alert")).containsExactly("talker: alert", "talker: error");
        assertThat(output(run, "dmesg -r --level warn -l debug")).containsExactly("<7>talker: debug");
        assertThat(output(run, "dmesg -l emerg")).isEmpty();
        assertThat(output(run, "dmesg")).as("control characters of a driver").contains("line\tend",
                "talker: \\x1b[2Jred\\x9b1m\\x0d[    0.000000] fake");
        assertThat(run.failedCommands()).isZero();
    }

    @Test
    void wrongWordsAreRefusedInASentence(MachineRun run) {
        run.type("dmesg -l loud", "dmesg -l", "dmesg -n 9", "dmesg -n", "dmesg -q", "dmesg err");
        assertThat(run.err().lines()).filteredOn(line -> !line.equals("Try 'dmesg --help' for more information."))
                .hasSize(6).allMatch(line -> line.startsWith("dmesg: "))
                .contains("dmesg: unknown level 'loud'; levels are emerg, alert, crit, err, warn, notice, info, debug");
        assertThat(run.failedCommands()).isEqualTo(6);
    }

    @Test
    void aRegionThatAnUnloadedDriverHoldsIsReportedAndReleased(MachineRun run) throws IOException {
        Path jar = talker(false);
        run.type("insmod " + jar);
        assertThat(output(run, "cat /proc/iomem")).contains("f1000000-f10000ff : talker");
        assertThat(output(run, "lsmod")).anyMatch(line -> line.matches("talker +0 +0.*"));
        run.type("rmmod talker");
        assertThat(run.err()).containsPattern("talker still held 256 bytes of registers requested at 0xf1000000, "
                + "taken at Talker.java:\\d+ by task \\d+ 'insmod' when the driver was removed");
        assertThat(run.err()).contains("talker still held 4 I/O ports requested at 0x378, taken at Talker.java:");
        assertThat(run.violations()).hasSize(2).extracting(Violation::rule).containsOnly("held-at-removal");
        assertThat(output(run, "cat /proc/iomem /proc/ioports")).noneMatch(line -> line.contains("talker"));
        run.type("insmod " + jar);
        assertThat(output(run, "cat /proc/iomem /proc/ioports")).contains("f1000000-f10000ff : talker",
                "0378-037b : talker");
    }

    @Test
    void aDriverThatReleasesItsRegionIsNotReported(MachineRun run) throws IOException {
        run.type("insmod " + talker(true), "rmmod talker");
        assertThat(run.err()).isEmpty();
        assertThat(run.violations()).isEmpty();
        assertThat(output(run, "cat /proc/iomem /proc/ioports")).noneMatch(line -> line.contains("talker"));
    }

    @Test
    void aRegionOfADeviceWithADriverIsBusy(MachineRun run) throws IOException {
        run.type("insmod " + DriverJar.build(directory, "Talker", TALKER.replace("GIVES_BACK", "true")
                .replace("0xf1000000L", "0xf0050000L"), "Talker"));
        assertThat(run.err()).contains("its init failed: Device or resource busy");
        assertThat(run.violations()).isEmpty();
    }
}
