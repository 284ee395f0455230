package ferrite.kernel.driver;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Errno;
import ferrite.kernel.fs.Fcntl;
import ferrite.kernel.fs.FileTree;
import ferrite.kernel.fs.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code /sys/bus/platform}. */
class PlatformBusTest {

    private static final String BUS = "/sys/bus/platform/";
    private static final String TIMER = "timer@f0051000";
    private static final String LAMP = "lamp@f7000000";
    private static final String OVERRIDE = BUS + "devices/" + LAMP + "/driver_override";

    private final List<String> events = new ArrayList<>();
    private int result;
    private KernelFixture fixture;
    private SysFiles files;

    /** Two drivers for the timer, one that suppresses binding, and a device that no driver serves. */
    private void boot() {
        fixture = KernelFixture.options().nodes(soc -> soc.child(LAMP).set("compatible", "example,lamp")
                .set("reg", 0xf700_0000, 16)).driver(() -> driver("one", "ferrite,test-timer"))
                .driver(() -> driver("two", "ferrite,test-timer"))
                .driver(() -> driver("fixed", "riscv,aclint-mtimer").suppressBinding())
                .driver(() -> driver("plain")).boot();
        files = new SysFiles(fixture);
    }

    private TestDriver driver(String name, String... compatible) {
        return new TestDriver(name, compatible).probe(device -> {
            events.add(name + " probes " + device.name());
            return result;
        }).remove(device -> events.add(name + " removes " + device.name()));
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private List<String> takeEvents() {
        List<String> taken = List.copyOf(events);
        events.clear();
        return taken;
    }

    @Test
    void directoriesListDevicesAndDriversWithTheirFiles() {
        boot();
        assertThat(files.list("/sys/bus")).isEqualTo("platform");
        assertThat(files.list("/sys/bus/platform")).isEqualTo("devices drivers drivers_probe");
        assertThat(files.list(BUS + "devices")).isEqualTo("lamp@f7000000 mswi@f0010000 mtimer@f0014000 test@f0050000 "
                + "timer@f0051000");
        assertThat(files.list(BUS + "drivers")).isEqualTo("fixed fixture one two");
        assertThat(files.list(BUS + "drivers/one")).isEqualTo("bind timer@f0051000 unbind");
        assertThat(files.list(BUS + "drivers/two")).isEqualTo("bind unbind");
        assertThat(files.list(BUS + "drivers/fixed")).isEqualTo("mtimer@f0014000");
        assertThat(files.list(BUS + "devices/" + TIMER)).isEqualTo("driver driver_override subsystem");
        assertThat(files.list(BUS + "devices/" + LAMP)).isEqualTo("driver_override subsystem");
        assertThat(files.list(BUS + "devices/" + TIMER + "/driver")).isEqualTo("bind timer@f0051000 unbind");
        assertThat(files.list(BUS + "drivers/one/" + TIMER + "/driver/" + TIMER))
                .isEqualTo("driver driver_override subsystem");
        assertThat(files.list("/sys/devices/platform/" + TIMER + "/subsystem")).isEqualTo(
                "devices drivers drivers_probe");
        fixture.run(() -> List.of("/none", "/platform/none", "/platform/devices/none", "/platform/drivers/none",
                "/platform/drivers/two/" + TIMER, "/platform/drivers/one/bind",
                "/platform/none/one/bind").forEach(path -> KernelFixture.check(
                        fixture.kernel().files().sysfs().list("/bus" + path) == null, path + " is listed")));
    }

    @Test
    void devicesAndDriversAreLinkedAsInLinux() {
        boot();
        List<String> links = new ArrayList<>();
        fixture.run(() -> {
            FileTree tree = fixture.kernel().files().tree();
            for (String path : List.of("bus/platform/devices/" + TIMER, "bus/platform/drivers/one/" + TIMER,
                    "devices/platform/" + TIMER + "/driver", "devices/platform/" + TIMER + "/subsystem")) {
                FileTree.Stat link = tree.at(tree.walk("/sys", path, false).path());
                links.add(Integer.toOctalString(link.mode()) + " " + link.size() + " " + tree.target("/sys/" + path)
                        + " " + tree.walk("/sys", path, true).path());
            }
            KernelFixture.check(tree.target("/sys/devices/platform/" + LAMP + "/driver") == null, "no driver");
            KernelFixture.check(tree.target("/sys/bus/platform/devices/none") == null, "no device");
        });
        String device = "/sys/devices/platform/" + TIMER;
        assertThat(links).containsExactly("120777 0 ../../.." + device.substring(4) + " " + device,
                "120777 0 ../../../.." + device.substring(4) + " " + device,
                "120777 0 ../../../bus/platform/drivers/one /sys/bus/platform/drivers/one",
                "120777 0 ../../../bus/platform /sys/bus/platform");
    }

    @Test
    void aDeviceIsUnboundAndBoundToAnotherDriver() {
        boot();
        assertThat(takeEvents()).contains("one probes " + TIMER).doesNotContain("two probes " + TIMER);
        files.expect(0, BUS + "drivers/one/unbind", TIMER);
        files.expect(0, BUS + "drivers/two/bind", TIMER);
        assertThat(takeEvents()).containsExactly("one removes " + TIMER, "two probes " + TIMER);
        assertThat(files.list(BUS + "drivers/two")).isEqualTo("bind timer@f0051000 unbind");
        files.expect(0, BUS + "devices/" + TIMER + "/driver/unbind", TIMER);
        assertThat(takeEvents()).containsExactly("two removes " + TIMER);
        files.expect(0, BUS + "drivers_probe", TIMER);
        assertThat(takeEvents()).containsExactly("one probes " + TIMER);
    }

    @Test
    void errorsAreLinuxs() {
        boot();
        takeEvents();
        files.expect(-Errno.EBUSY, BUS + "drivers/one/bind", TIMER);
        files.expect(-Errno.EBUSY, BUS + "drivers/two/bind", TIMER);
        files.expect(-Errno.ENODEV, BUS + "drivers/two/unbind", TIMER);
        files.expect(-Errno.ENODEV, BUS + "drivers/one/bind", LAMP);
        files.expect(-Errno.ENODEV, BUS + "drivers/one/bind", "none");
        files.expect(-Errno.ENODEV, BUS + "drivers/one/unbind", "");
        files.expect(-Errno.ENODEV, BUS + "drivers_probe", "none");
        files.expect(-Errno.ENOENT, BUS + "drivers/fixed/unbind", "mtimer@f0014000");
        assertThat(takeEvents()).isEmpty();
        files.expect(0, BUS + "drivers/one/unbind", TIMER);
        result = -Errno.EIO;
        files.expect(-Errno.EIO, BUS + "drivers/one/bind", TIMER);
        result = -Errno.EPROBE_DEFER;
        files.expect(-Errno.EAGAIN, BUS + "drivers/one/bind", TIMER);
        assertThat(files.text(BUS + "drivers/one/bind")).isEqualTo("Permission denied");
    }

    @Test
    void anOverrideNamesTheOnlyDriver() {
        boot();
        takeEvents();
        assertThat(files.text(OVERRIDE)).isEqualTo("(null)\n");
        files.expect(0, OVERRIDE, "two");
        assertThat(files.text(OVERRIDE)).isEqualTo("two\n");
        files.expect(-Errno.ENODEV, BUS + "drivers/one/bind", LAMP);
        files.expect(0, BUS + "drivers_probe", LAMP);
        assertThat(takeEvents()).containsExactly("two probes " + LAMP);
        files.expect(0, BUS + "drivers/two/unbind", LAMP);
        files.expect(0, OVERRIDE, "");
        assertThat(files.text(OVERRIDE)).isEqualTo("(null)\n");
        files.expect(-Errno.ENODEV, BUS + "drivers/two/bind", LAMP);
    }

    @Test
    void anOverriddenDeviceIsNotForTheDriverThatIsCompatible() {
        boot();
        files.expect(0, BUS + "drivers/one/unbind", TIMER);
        files.expect(0, BUS + "devices/" + TIMER + "/driver_override", "two");
        files.expect(-Errno.ENODEV, BUS + "drivers/one/bind", TIMER);
        files.expect(0, BUS + "drivers/two/bind", TIMER);
    }

    @Test
    void aFileThatWasReachedByALinkStaysWhenTheLinkIsGone() {
        boot();
        fixture.run(() -> {
            Files open = fixture.kernel().files();
            long buffer = fixture.zeroed(16);
            String path = BUS + "drivers/one/" + TIMER;
            int override = open.open(path + "/driver_override", Fcntl.O_RDWR);
            int unbind = open.open(path + "/driver/unbind", Fcntl.O_WRONLY);
            KernelFixture.check(open.read(override, buffer, 16) == 7, "(null)");
            KernelFixture.check(files.write(path + "/driver/unbind", TIMER) == 0, "unbind");
            open.lseek(override, 0, Fcntl.SEEK_SET);
            KernelFixture.check(open.read(override, buffer, 16) == 7, "the device's file is not the driver's");
            KernelFixture.check(open.write(unbind, buffer, 1) == -Errno.ENODEV, "unbind of a driver that is not there");
        });
    }

    @Test
    void aDriverFindsNoDataOfItsPredecessor() {
        long[] found = new long[1];
        fixture = KernelFixture.options().driver(() -> new TestDriver("one", "ferrite,test-timer").probe(device -> {
            found[0] = device.driverData();
            device.setDriverData(0xdead);
            return 0;
        })).boot();
        files = new SysFiles(fixture);
        files.expect(0, BUS + "drivers/one/unbind", TIMER);
        found[0] = 1;
        files.expect(0, BUS + "drivers/one/bind", TIMER);
        assertThat(found[0]).isZero();
    }

    @Test
    void twoTasksThatBindOneDeviceDoNotProbeItTwice() {
        fixture = KernelFixture.options().harts(2).driver(() -> {
            TestDriver sleeper = driver("one", "ferrite,test-timer");
            return sleeper.probe(device -> {
                events.add("probe");
                sleeper.kernel.msleep(events.size() > 1 ? 20 : 0);
                return 0;
            });
        }).boot();
        files = new SysFiles(fixture);
        SysFiles others = new SysFiles(fixture);
        files.expect(0, BUS + "drivers/one/unbind", TIMER);
        events.clear();
        List<Integer> results = new ArrayList<>();
        fixture.run(List.of(
                KernelFixture.Job.on(0, () -> results.add(files.write(BUS + "drivers/one/bind", TIMER))),
                KernelFixture.Job.on(1, () -> results.add(others.write(BUS + "drivers/one/bind", TIMER)))));
        assertThat(results).containsExactlyInAnyOrder(0, -Errno.EBUSY);
        assertThat(events).containsExactly("probe");
    }
}
