package ferrite.kernel.driver;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.TextTable;
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
