package ferrite.kernel.driver;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.clock.Clock;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Errno;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code /sys/power}: devices are suspended and resumed in the order of the tree. */
class SystemSleepTest {

    private static final String STATE = "/sys/power/state";
    private static final String BUS = "/sys/bus/platform/";

    private final List<String> events = new ArrayList<>();
    private String fails = "";
    private KernelFixture fixture;
    private SysFiles files;

    /** A hub with two ports, of which the second has a driver first, and a lamp that has the first of all drivers. */
    private void boot() {
        fixture = KernelFixture.options().nodes(soc -> {
            var hub = soc.child("hub@f7000000").set("compatible", "example,hub").set("reg", 0xf700_0000, 16)
                    .set("#address-cells", 1).set("#size-cells", 1).set("ranges");
            hub.child("port@f7000100").set("compatible", "example,port-a").set("reg", 0xf700_0100, 16);
            hub.child("port@f7000200").set("compatible", "example,port-b").set("reg", 0xf700_0200, 16);
            soc.child("lamp@f7001000").set("compatible", "example,lamp").set("reg", 0xf700_1000, 16);
        }).driver(() -> driver("lamp")).driver(() -> driver("port-b")).driver(() -> driver("port-a"))
                .driver(() -> driver("hub")).boot();
        files = new SysFiles(fixture);
        events.clear();
    }

    private TestDriver driver(String name) {
        return new TestDriver(name, "example," + name).suspend(device -> step("suspend", name))
                .resume(device -> step("resume", name)).remove(device -> events.add("remove " + name));
    }

    private int step(String step, String name) {
        events.add(step + " " + name);
        return fails.equals(step + " " + name) ? -Errno.EBUSY : 0;
    }

    @AfterEach
    void close() {
        assertThat(fixture.takeViolations()).isEmpty();
        fixture.close();
    }

    @Test
    void childrenAreSuspendedBeforeTheirParentsInReverseOrderOfTheirProbes() {
        boot();
        long before = fixture.machine.clock().now();
        files.expect(0, STATE, "mem");
        assertThat(events).containsExactly("suspend port-a", "suspend port-b", "suspend hub", "suspend lamp",
                "resume lamp", "resume hub", "resume port-b", "resume port-a");
        assertThat((double) (fixture.machine.clock().now() - before) / Clock.TICKS_PER_SECOND).isBetween(5.0, 5.1);
    }

    @Test
    void aDeviceThatIsBoundAgainIsTheFirstToBeSuspendedAndAnUnboundOneIsNot() {
        boot();
        files.expect(0, BUS + "drivers/lamp/unbind", "lamp@f7001000");
        files.expect(0, BUS + "drivers/port-a/unbind", "port@f7000100");
        files.expect(0, BUS + "drivers/lamp/bind", "lamp@f7001000");
        events.clear();
        files.expect(0, STATE, "freeze");
        assertThat(events).containsExactly("suspend lamp", "suspend port-b", "suspend hub",
                "resume hub", "resume port-b", "resume lamp");
    }

    @Test
    void aParentThatIsBoundAgainTakesItsChildrenAlong() {
        boot();
        files.expect(0, BUS + "drivers/hub/unbind", "hub@f7000000");
        files.expect(0, BUS + "drivers/hub/bind", "hub@f7000000");
        events.clear();
        files.expect(0, STATE, "mem");
        assertThat(events.subList(0, 4)).containsExactly("suspend port-a", "suspend port-b", "suspend hub",
                "suspend lamp");
    }

    @Test
    void aDeviceThatRefusesKeepsTheMachineAwakeAndTheOthersAreResumed() {
        boot();
        fails = "suspend hub";
        long before = fixture.machine.clock().now();
        files.expect(-Errno.EBUSY, STATE, "mem");
        assertThat(events).containsExactly("suspend port-a", "suspend port-b", "suspend hub",
                "resume port-b", "resume port-a");
        assertThat(fixture.machine.clock().now() - before).isLessThan(Clock.TICKS_PER_SECOND);
        assertThat(fixture.log).anyMatch(line -> line.contains("hub hub@f7000000: PM: failed to suspend: error -16"))
                .anyMatch(line -> line.contains("PM: Some devices failed to suspend, or early wake event detected"));
        events.clear();
        fails = "";
        files.expect(0, STATE, "mem");
        assertThat(events).hasSize(8);
    }

    @Test
    void aDeviceThatFailsToResumeIsAMessageAndNoMore() {
        boot();
        fails = "resume hub";
        files.expect(0, STATE, "mem");
        assertThat(events).hasSize(8);
        assertThat(fixture.log).anyMatch(line -> line.contains("hub hub@f7000000: PM: failed to resume: error -16"));
    }

    @Test
    void anUnbindWaitsUntilTheDevicesAreResumed() {
        boot();
        SysFiles others = new SysFiles(fixture);
        fixture.run(List.of(KernelFixture.Job.on(0, () -> files.write(STATE, "mem")), KernelFixture.Job.on(0, () -> {
            fixture.kernel().calls().msleep(100);
            others.write(BUS + "drivers/lamp/unbind", "lamp@f7001000");
        })));
        assertThat(events).hasSize(9).endsWith("resume port-a", "remove lamp");
    }

    @Test
    void theFilesAreLinuxs() {
        boot();
        assertThat(files.list("/sys/power")).isEqualTo("pm_test state");
        assertThat(files.text(STATE)).isEqualTo("freeze mem\n");
        assertThat(files.text("/sys/power/pm_test")).isEqualTo("[devices]\n");
        files.expect(0, "/sys/power/pm_test", "devices");
        files.expect(-Errno.EINVAL, "/sys/power/pm_test", "none");
        files.expect(-Errno.EINVAL, STATE, "disk");
        assertThat(events).isEmpty();
    }
}
