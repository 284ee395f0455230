package ferrite.kernel.fs;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Body;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.sched.HrTimerFunction;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Character devices: numbers, cdevs, classes and misc devices. */
@Timeout(60)
class CharDevicesTest {

    /** More than the ticks of a walk of the list. */
    private static final int MOMENTS = 1500;

    private final KernelFixture fixture = KernelFixture.options().bootArguments("slub_debug=FZP").boot();

    @AfterEach
    void close() {
        fixture.close();
    }

    private CharDevices devices() {
        return fixture.kernel().files().devices();
    }

    @Test
    void aNameIsTakenOnce() {
        fixture.run(() -> {
            check(devices().register("guest", 1, 2) == 0, "register");
            check(devices().register("guest", 3, 4) == -Errno.EEXIST, "a name that is taken");
            check(devices().lookUp("guest").equals(CharDevices.Found.of(1, 2, Kdev.MKDEV(10, 127))), "look-up");
            devices().unregister("guest");
            check(devices().lookUp("guest") == null, "after unregister");
        });
    }

    /** The device goes away at every moment of a walk of the list in turn, poisoned. */
    @Test
    void aWalkOfTheListIsNotDisturbedByADeviceThatGoes() {
        long leave = fixture.text("leave", (HrTimerFunction) timer -> {
            devices().unregister("guest");
            return false;
        });
        fixture.run(() -> {
            long timer = fixture.zeroed(64);
            for (int moment = 1; moment < MOMENTS; moment++) {
                check(devices().register("guest", 0, 0) == 0, "register");
                fixture.kernel().tasks().hrTimers().setUp(timer, leave);
                fixture.kernel().tasks().hrTimers().start(timer, fixture.cpu().time() + moment);
                check(devices().lookUp("none") == null, "look-up");
                fixture.kernel().tasks().hrTimers().cancel(timer);
                devices().unregister("guest");
                check(devices().register("guest", 0, 0) == 0, "register");
                fixture.kernel().tasks().hrTimers().setUp(timer, leave);
                fixture.kernel().tasks().hrTimers().start(timer, fixture.cpu().time() + moment);
                check(devices().names().size() <= 7, "names");
                fixture.kernel().tasks().hrTimers().cancel(timer);
                devices().unregister("guest");
            }
        });
        assertThat(fixture.takeViolations()).isEmpty();
    }

    // ---- numbers ----

    private KernelCalls kernel() {
        return fixture.kernel().calls();
    }

    private static void equal(Object found, Object expected) {
        check(found.equals(expected), "found " + found + ", not " + expected);
    }

    @Test
    void numbersAreTakenOnceAndTheKernelChoosesFreeMajors() {
        fixture.run(() -> {
            int dev = Kdev.MKDEV(42, 8);
            equal(kernel().registerChrdevRegion(dev, 4, "first"), 0);
            equal(kernel().registerChrdevRegion(Kdev.MKDEV(42, 11), 1, "overlaps"), -Errno.EBUSY);
            equal(kernel().registerChrdevRegion(Kdev.MKDEV(42, 5), 4, "overlaps"), -Errno.EBUSY);
            equal(kernel().registerChrdevRegion(Kdev.MKDEV(42, 12), 1, "after"), 0);
            equal(kernel().registerChrdevRegion(Kdev.MKDEV(42, 0), 8, "before"), 0);
            equal(kernel().registerChrdevRegion(Kdev.MKDEV(0, 1), 1, "none"), -Errno.EINVAL);
            equal(kernel().registerChrdevRegion(Kdev.MKDEV(512, 1), 1, "none"), -Errno.EINVAL);
            long devVa = fixture.zeroed(4);
            equal(kernel().allocChrdevRegion(devVa, 3, 2, "dynamic"), 0);
            equal(fixture.memory().load32(devVa), Kdev.MKDEV(254, 3));
            equal(kernel().allocChrdevRegion(devVa, 0, 1, "dynamic2"), 0);
            equal(Kdev.MAJOR(fixture.memory().load32(devVa)), 253);
            equal(kernel().allocChrdevRegion(devVa, 1 << 20, 1, "none"), -Errno.EINVAL);
            equal(kernel().registerChrdev(0, "old", 4), 252);
            equal(kernel().registerChrdev(60, "old60", 4), 0);
            equal(kernel().registerChrdev(60, "old60", 4), -Errno.EBUSY);
        });
        assertThat(fixture.proc("devices")).isEqualTo("""
                Character devices:
                  1 mem
                 10 misc
                 42 before
                 42 first
                 42 after
                 60 old60
                252 old
                253 dynamic2
                254 dynamic

                Block devices:
                """);
        fixture.run(() -> {
            kernel().unregisterChrdevRegion(Kdev.MKDEV(42, 8), 4);
            kernel().unregisterChrdevRegion(Kdev.MKDEV(42, 12), 2);     // another count: no such region
            kernel().unregisterChrdevRegion(Kdev.MKDEV(42, 0), 8);
            kernel().unregisterChrdevRegion(Kdev.MKDEV(254, 3), 2);
            kernel().unregisterChrdev(60, "old60");
            equal(kernel().registerChrdevRegion(Kdev.MKDEV(42, 8), 4, "again"), 0);
        });
        assertThat(fixture.proc("devices").lines().filter(line -> line.matches(" *\\d.*")).toList())
                .containsExactly("  1 mem", " 10 misc", " 42 again", " 42 after", "252 old", "253 dynamic2");
    }

    /** A region may go on in the next major number; it is taken whole or not at all. */
    @Test
    void aRegionAcrossMajorNumbersIsTakenWhole() {
        fixture.run(() -> {
            int last = Kdev.MKDEV(70, (1 << 20) - 2);
            equal(kernel().registerChrdevRegion(last, 4, "across"), 0);
            equal(kernel().registerChrdevRegion(Kdev.MKDEV(71, 1), 1, "x"), -Errno.EBUSY);
            kernel().unregisterChrdevRegion(last, 4);
            equal(kernel().registerChrdevRegion(Kdev.MKDEV(71, 1), 1, "x"), 0);
            equal(kernel().registerChrdevRegion(last, 4, "across"), -Errno.EBUSY);
            equal(kernel().registerChrdevRegion(last, 2, "first half"), 0);
        });
    }

    @Test
    void aNumberIsStoredAsText() {
        fixture.run(() -> {
            long buffer = kernel().kzalloc(32, Gfp.GFP_KERNEL);
            int dev = Kdev.MKDEV(4095, (1 << 20) - 1);
            equal(kernel().printDevT(buffer, dev), 13);
            equal(fixture.memory().loadString(buffer, 32), "4095:1048575\n");
            equal(kernel().formatDevT(buffer, Kdev.MKDEV(42, 0)), buffer);
            equal(fixture.memory().loadString(buffer, 32), "42:0");
        });
    }

    // ---- cdevs and classes ----

    /** Says its number and data. */
    private final class Telling implements FileOperations {

        private final List<String> opened = new ArrayList<>();

        @Override
        public int open(long file) {
            opened.add(kernel().imajor(file) + ":" + kernel().iminor(file) + " "
                    + FileLayout.DATA.get(fixture.memory(), file));
            return 0;
        }
    }

    @Test
    void aFileLeadsToTheCdevOfItsNumber() {
        Telling telling = new Telling();
        long operations = fixture.text("telling", telling);
        long[] cdev = new long[2];
        fixture.run(() -> {
            cdev[0] = kernel().kzalloc(CdevLayout.SIZE, Gfp.GFP_KERNEL);
            cdev[1] = kernel().cdevAlloc();
            CdevLayout.OPS.set(fixture.memory(), cdev[1], operations);
            kernel().cdevInit(cdev[0], operations);
            int dev = Kdev.MKDEV(42, 0);
            kernel().registerChrdevRegion(dev, 8, "telling");
            long cls = kernel().classCreate("telling");
            equal(kernel().classCreate("telling"), 0L);
            long device = kernel().deviceCreate(cls, 0, dev + 3, 77, "tell3");
            equal(kernel().devGetDrvdata(device), 77L);
            kernel().devSetDrvdata(device, 78);
            equal(kernel().devGetDrvdata(device), 78L);
            equal(kernel().deviceCreate(cls, 0, dev + 4, 0, "tell3"), 0L);
            kernel().deviceCreate(cls, 0, dev + 7, 0, "tell7");
            equal(open("tell3"), -Errno.ENXIO);
            equal(open("none"), -Errno.ENOENT);
            equal(kernel().cdevAdd(cdev[0], dev, 8), 0);
            equal(kernel().cdevAdd(cdev[1], dev + 7, 1), 0);
            equal(open("tell3"), 0);
            equal(open("tell7"), 0);
            kernel().cdevDel(cdev[0]);
            equal(open("tell3"), -Errno.ENXIO);
            equal(open("tell7"), 0);
            kernel().cdevDel(cdev[1]);
            equal(kernel().cdevAdd(cdev[0], 5, 1), -Errno.EINVAL);
            kernel().kfree(cdev[0]);
            kernel().deviceDestroy(cls, dev + 3);
            kernel().classDestroy(cls);
            equal(open("tell3"), -Errno.ENOENT);
            kernel().deviceDestroy(cls, dev + 7);
            kernel().unregisterChrdevRegion(dev, 8);
        });
        assertThat(telling.opened).containsExactly("42:3 " + cdev[0], "42:7 " + cdev[1], "42:7 " + cdev[1]);
    }

    private int open(String name) {
        int file = fixture.kernel().files().open("/dev/" + name, Fcntl.O_RDWR);
        return file < 0 ? file : fixture.kernel().files().close(file);
    }

    @Test
    void everythingThatADeviceTakesIsGivenBack() {
        long operations = fixture.text("telling", new Telling());
        Body body = () -> {
            long misc = misc("hello", MiscDeviceLayout.MISC_DYNAMIC_MINOR, operations);
            equal(kernel().miscRegister(misc), 0);
            long cls = kernel().classCreate("telling");
            long device = kernel().deviceCreate(cls, 0, Kdev.MKDEV(42, 3), 0, "tell3");
            kernel().classDestroy(cls);                // the class goes with its last device
            kernel().deviceUnregister(device);
            kernel().registerChrdevRegion(Kdev.MKDEV(42, 0), 8, "telling");
            kernel().unregisterChrdevRegion(Kdev.MKDEV(42, 0), 8);
            kernel().unregisterChrdev(kernel().registerChrdev(0, "old", operations), "old");
            equal(kernel().cdevAdd("named", operations, 5), 0);
            kernel().cdevDel("named");
            kernel().miscDeregister(misc);
            kernel().kfree(misc);
        };
        fixture.run(body);
        String before = fixture.accounting();
        fixture.run(body);
        assertThat(fixture.accounting()).isEqualTo(before);
    }

    @Test
    void theOlderWayServesAllMinorNumbers() {
        Telling telling = new Telling();
        long operations = fixture.text("telling", telling);
        fixture.run(() -> {
            int major = kernel().registerChrdev(0, "old", operations);
            long cls = kernel().classCreate("old");
            kernel().deviceCreate(cls, 0, Kdev.MKDEV(major, 255), 0, "old255");
            kernel().deviceCreate(cls, 0, Kdev.MKDEV(major, 256), 0, "old256");
            equal(open("old255"), 0);
            equal(open("old256"), -Errno.ENXIO);
            kernel().unregisterChrdev(major, "old");
            equal(open("old255"), -Errno.ENXIO);
        });
        assertThat(telling.opened).hasSize(1);
    }

    // ---- misc devices ----

    private long misc(String name, int minor, long operations) {
        long misc = kernel().kzalloc(MiscDeviceLayout.SIZE, Gfp.GFP_KERNEL);
        MiscDeviceLayout.NAME.set(fixture.memory(), misc, name);
        MiscDeviceLayout.MINOR.set(fixture.memory(), misc, minor);
        MiscDeviceLayout.FOPS.set(fixture.memory(), misc, operations);
        return misc;
    }

    @Test
    void miscDevicesShareAMajorNumber() {
        Telling telling = new Telling();
        long operations = fixture.text("telling", telling);
        long[] first = new long[1];
        fixture.run(() -> {
            first[0] = misc("first", MiscDeviceLayout.MISC_DYNAMIC_MINOR, operations);
            equal(kernel().miscRegister(first[0]), 0);
            equal(MiscDeviceLayout.MINOR.get(fixture.memory(), first[0]), 127);
            equal(kernel().cdevAdd("second", operations, 99), 0);
            equal(kernel().miscRegister(misc("watchdog", 130, operations)), 0);
            equal(kernel().miscRegister(misc("other", 130, operations)), -Errno.EBUSY);
            long taken = misc("first", MiscDeviceLayout.MISC_DYNAMIC_MINOR, operations);
            equal(kernel().miscRegister(taken), -Errno.EEXIST);
            equal(MiscDeviceLayout.MINOR.get(fixture.memory(), taken), MiscDeviceLayout.MISC_DYNAMIC_MINOR);
            equal(open("first"), 0);
            equal(open("second"), 0);
            equal(open("watchdog"), 0);
        });
        assertThat(telling.opened.get(0)).isEqualTo("10:127 " + first[0]);
        assertThat(telling.opened.get(1)).isEqualTo("10:126 99");
        assertThat(fixture.proc("misc")).isEqualTo("130 watchdog\n126 second\n127 first\n");
        fixture.run(() -> {
            kernel().miscDeregister(first[0]);
            equal(open("first"), -Errno.ENOENT);
            equal(kernel().cdevAdd("third", operations, 3), 0);
            equal(open("third"), 0);
        });
        assertThat(telling.opened.get(3)).as("the number is given out again").isEqualTo("10:127 3");
    }

    /** There are 128 minor numbers to give out. */
    @Test
    void whenNoMinorNumberIsLeftTheDeviceIsBusy() {
        fixture.run(() -> {
            for (int i = 0; i < 128; i++) {
                equal(kernel().cdevAdd("d" + i, 4, 0), 0);
            }
            equal(kernel().cdevAdd("more", 4, 0), -Errno.EBUSY);
            kernel().cdevDel("d5");
            equal(kernel().cdevAdd("more", 4, 0), 0);
            equal(kernel().cdevAdd("a name of more than thirty-one bytes", 4, 0), -Errno.EINVAL);
        });
    }
}
