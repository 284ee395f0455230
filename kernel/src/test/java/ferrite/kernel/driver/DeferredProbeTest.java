package ferrite.kernel.driver;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Errno;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Probes that return {@code -EPROBE_DEFER}. */
class DeferredProbeTest {

    private static final String BUS = "/sys/bus/platform/";
    private static final String DEFERRED = "/sys/kernel/debug/devices_deferred";
    private static final String TIMER = "timer@f0051000";

    /** The probes, and the power that the lamp waits for. */
    private final List<String> probes = new ArrayList<>();
    private boolean hasPower;
    private KernelFixture fixture;
    private SysFiles files;

    @AfterEach
    void close() {
        assertThat(fixture.takeViolations()).isEmpty();
        fixture.close();
    }

    /** A shade waits for a lamp, and the lamp for power, which the timer's driver gives. */
    private void boot(boolean timerWorks) {
        hasPower = false;
        boolean[] hasLamp = new boolean[1];
        TestDriver lamp = new TestDriver("lamp", "example,lamp");
        fixture = KernelFixture.options().nodes(soc -> {
            soc.child("lamp@f7000000").set("compatible", "example,lamp").set("reg", 0xf700_0000, 16);
            soc.child("shade@f7001000").set("compatible", "example,shade").set("reg", 0xf700_1000, 16);
        }).driver(() -> new TestDriver("shade", "example,shade").probe(device -> {
            probes.add("shade");
            return hasLamp[0] ? 0 : -Errno.EPROBE_DEFER;
        })).driver(() -> lamp.probe(device -> {
            probes.add("lamp");
            lamp.kernel.devmKzalloc(device.dev(), 100, 0);
            hasLamp[0] = hasPower;
            return hasPower ? 0 : lamp.kernel.devErrProbe(device.dev(), -Errno.EPROBE_DEFER, "no power");
        })).driver(() -> new TestDriver("power", "ferrite,test-timer").probe(device -> {
            probes.add("power");
            hasPower = timerWorks || probes.size() > 3;
            return hasPower ? 0 : -Errno.EIO;
        })).boot();
        files = new SysFiles(fixture);
    }

    @Test
    void aProbeIsTriedAgainAtTheEndOfBootUntilNothingMoves() {
        boot(true);
        assertThat(probes).containsExactly("shade", "lamp", "power", "lamp", "shade");
        assertThat(files.text(DEFERRED)).isEmpty();
        assertThat(fixture.log).noneMatch(line -> line.contains("failed"));
    }

    @Test
    void aDeviceThatWaitsIsListedWithItsReasonUntilAnotherProbeSucceeds() {
        boot(false);
        assertThat(files.text(DEFERRED)).isEqualTo("lamp@f7000000\tlamp: no power\nshade@f7001000\t\n");
        fixture.reattach();
        assertThat(files.text(DEFERRED)).isEqualTo("lamp@f7000000\tlamp: no power\nshade@f7001000\t\n");
        int before = probes.size();
        files.expect(0, BUS + "drivers/power/bind", TIMER);
        assertThat(probes.subList(before, probes.size())).startsWith("power", "lamp", "shade").hasSize(3);
        assertThat(files.text(DEFERRED)).isEmpty();
        assertThat(files.list(BUS + "drivers/lamp")).isEqualTo("bind lamp@f7000000 unbind");
    }

    @Test
    void anotherProbeThatFailsWakesNobody() {
        boot(false);
        int before = probes.size();
        files.expect(-Errno.EAGAIN, BUS + "drivers/lamp/bind", "lamp@f7000000");
        assertThat(probes.subList(before, probes.size())).containsExactly("lamp");
        assertThat(files.text(DEFERRED)).contains("lamp: no power");
    }

    @Test
    void aDeviceIsNotDeferredAnyMoreWhenItsDriverIsBoundOrRefusesIt() {
        boot(false);
        hasPower = true;
        files.expect(0, BUS + "drivers/lamp/bind", "lamp@f7000000");
        assertThat(files.text(DEFERRED)).as("the lamp is there, and the shade came after it").isEmpty();
    }

    @Test
    void anErrorThatIsNoDeferralIsAMessage() {
        boot(true);
        fixture.run(() -> fixture.kernel().calls().devErrProbe(0, -Errno.EIO, "no answer"));
        assertThat(fixture.log).anyMatch(line -> line.contains("(NULL device *): error -5: no answer"));
    }
}
