package ferrite.kernel.driver;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.report.Violation;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.fs.FileOperations;
import ferrite.kernel.irq.IrqHandler;
import ferrite.kernel.irq.IrqReturn;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The device tree's nodes and the drivers. */
class DriverCoreTest {

    private static final class TimerDriver implements Driver {

        @Override
        public String name() {
            return "timer";
        }

        @Override
        public List<String> compatible() {
            return List.of("ferrite,test-timer");
        }

        @Override
        public void link(KernelCalls kernel, TextTable.Module text) { }

        @Override
        public int probe(Device device) {
            return 0;
        }

        @Override
        public void remove(Device device) { }
    }

    /** Takes much in its probe, and then fails. */
    private static final class FailingDriver implements Driver {

        private final boolean givesBack;
        private KernelCalls kernel;
        private TextTable.Module text;

        FailingDriver(boolean givesBack) {
            this.givesBack = givesBack;
        }

        @Override
        public String name() {
            return "failing";
        }

        @Override
        public List<String> compatible() {
            return List.of("ferrite,test-timer");
        }

        @Override
        public void link(KernelCalls newKernel, TextTable.Module newText) {
            kernel = newKernel;
            text = newText;
        }

        @Override
        public int probe(Device device) {
            long first = kernel.kmalloc(100, Gfp.GFP_KERNEL);
            long second = kernel.vmalloc(5000);
            long handler = text.add("failing_interrupt", (IrqHandler) (irq, data) -> IrqReturn.IRQ_HANDLED);
            kernel.requestIrq(7, handler, 0, "failing", 0);
            kernel.cdevAdd("failing", text.add("failing_operations", new FileOperations() { }), 0);
            kernel.kfree(first);
            if (givesBack) {
                kernel.cdevDel("failing");
                kernel.freeIrq(7, 0);
                kernel.vfree(second);
            }
            return -Errno.EIO;
        }
    }

    private static List<Violation> violationsOf(boolean givesBack) {
        try (KernelFixture fixture = KernelFixture.options().driver(() -> new FailingDriver(givesBack)).boot()) {
            return fixture.takeViolations();
        }
    }

    @Test
    void whatAFailedProbeHasNotGivenBackIsReportedWithItsLines() {
        assertThat(violationsOf(false)).allSatisfy(violation -> {
            assertThat(violation.rule()).isEqualTo("held-at-removal");
            assertThat(violation.summary()).matches("failing still held .*, taken at DriverCoreTest.java:\\d+ by task "
                    + "0 'swapper/0' when its probe of timer@f0051000 failed");
        }).extracting(Violation::summary).satisfiesExactly(
                area -> assertThat(area).contains("5000 bytes of vmalloc memory at 0xf8"),
                interrupt -> assertThat(interrupt).contains("held interrupt 7,"),
                file -> assertThat(file).contains("held the device /dev/failing,"));
    }

    @Test
    void aProbeThatFailsAndGivesBackAllIsNotReported() {
        assertThat(violationsOf(true)).isEmpty();
    }

    private static List<String> withoutDriver(KernelFixture.Options options) {
        try (KernelFixture fixture = options.boot()) {
            return fixture.kernel().base().log().text(fixture.peek()).lines()
                    .filter(line -> line.contains("no driver for")).map(line -> line.replaceFirst("^\\[.*\\] ", ""))
                    .toList();
        }
    }

    @Test
    void eachDeviceWithoutADriverHasALineInTheLog() {
        String mswi = "mswi@f0010000: no driver for riscv,aclint-mswi";
        String mtimer = "mtimer@f0014000: no driver for riscv,aclint-mtimer";
        assertThat(withoutDriver(KernelFixture.options()))
                .containsExactly(mswi, mtimer, "timer@f0051000: no driver for ferrite,test-timer");
        assertThat(withoutDriver(KernelFixture.options().driver(TimerDriver::new))).containsExactly(mswi, mtimer);
    }
}
