package ferrite.kernel.fs;

import static ferrite.kernel.KernelFixture.check;
import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.Interleavings;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.KernelFixture.Body;
import ferrite.kernel.KernelFixture.Job;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.driver.Parameter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code /sys}: attributes of devices, and parameters of drivers. */
@Timeout(60)
class SysfsTest {

    private static final String LED = "/sys/class/leds/led0/";

    private final List<String> taken = new ArrayList<>();
    private KernelFixture fixture;
    private long buffer;
    private long cls;
    private long device;
    private long attribute;

    /** A driver with a parameter that can be set at run time, and one that cannot. */
    private final class Dimmer implements Driver {

        @Override
        public String name() {
            return "dimmer";
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(new Parameter("level", "3", "how bright", value -> {
                if (!value.matches("[0-9]")) {
                    throw new IllegalArgumentException("'" + value + "' is no digit");
                }
            }, value -> {
                taken.add(value);
                return value.equals("9") ? -Errno.EBUSY : 0;
            }), new Parameter("colour", "red", "of the light", value -> { }));
        }

        @Override
        public void link(KernelCalls kernel, TextTable.Module text) { }
    }

    @AfterEach
    void close() {
        assertThat(fixture.takeViolations()).extracting(Violation::summary).isEmpty();
        fixture.close();
    }

    private void boot(int harts, Interleavings policy) {
        fixture = KernelFixture.options().harts(harts).interleaving(policy, 3).driver(Dimmer::new)
                .bootArguments("slub_debug=FZP dimmer.colour=blue").boot();
        fixture.run(() -> buffer = fixture.zeroed(8192));
    }

    private KernelCalls kernel() {
        return fixture.kernel().calls();
    }

    private KernelMemory memory() {
        return fixture.memory();
    }

    private Files files() {
        return fixture.kernel().files();
    }

    private static void equal(Object found, Object expected) {
        check(found.equals(expected), "found " + found + ", not " + expected);
    }

    private void makeLed(ShowAttribute show, StoreAttribute store, int mode) {
        long showText = show == null ? 0 : fixture.text("show", show);
        long storeText = store == null ? 0 : fixture.text("store", store);
        fixture.run(() -> {
            cls = kernel().classCreate("leds");
            device = kernel().deviceCreate(cls, 0, Kdev.MKDEV(42, 7), 5, "led0");
            attribute = fixture.zeroed(DeviceAttributeLayout.SIZE);
            DeviceAttributeLayout.NAME.set(memory(), attribute, "brightness");
            DeviceAttributeLayout.MODE.set(memory(), attribute, mode);
            DeviceAttributeLayout.SHOW.set(memory(), attribute, showText);
            DeviceAttributeLayout.STORE.set(memory(), attribute, storeText);
            equal(kernel().deviceCreateFile(device, attribute), 0);
        });
    }

    private String read(int file, int count) {
        int length = files().read(file, buffer, count);
        byte[] bytes = new byte[Math.max(0, length)];
        memory().read(buffer, bytes, 0, bytes.length);
        return length < 0 ? Errno.message(length) : new String(bytes, StandardCharsets.UTF_8);
    }

    private String read(String path) {
        int file = files().open(path, Fcntl.O_RDONLY);
        if (file < 0) {
            return Errno.message(file);
        }
        String text = read(file, 8192);
        files().close(file);
        return text;
    }

    private int write(String path, String text) {
        int file = files().open(path, Fcntl.O_WRONLY);
        if (file < 0) {
            return file;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        memory().write(buffer, bytes, 0, bytes.length);
        int result = files().write(file, buffer, bytes.length);
        files().close(file);
        return result;
    }

    private String list(String path) {
        List<Sysfs.Node> nodes = files().sysfs().list(path);
        return nodes == null ? "none" : String.join(" ", nodes.stream().map(Sysfs.Node::name).toList());
    }

    // ---- attributes ----

    @Test
    void anAttributeIsShownAndStored() {
        boot(1, Interleavings.RR);
        makeLed((dev, attr, page) -> {
            check(attr == attribute, "another attribute");
            return kernel().sysfsEmit(page, kernel().devGetDrvdata(dev) + "\n");
        }, (dev, attr, text, count) -> {
            String value = memory().loadString(text, 100).strip();
            kernel().devSetDrvdata(dev, Integer.parseInt(value));
            return count;
        }, 0644);
        fixture.run(() -> {
            equal(read(LED + "brightness"), "5\n");
            equal(write(LED + "brightness", "17\n"), 3);
            equal(read(LED + "brightness"), "17\n");
            equal(read(LED + "dev"), "42:7\n");
            int file = files().open(LED + "brightness", Fcntl.O_RDWR);
            equal(read(file, 1), "1");
            kernel().devSetDrvdata(device, 44);
            equal(read(file, 10), "7\n");
            files().lseek(file, 0, Fcntl.SEEK_SET);
            equal(read(file, 10), "44\n");
            files().close(file);
            equal(kernel().deviceCreateFile(device, attribute), -Errno.EEXIST);
        });
    }

    @Test
    void directoriesListWhatIsThere() {
        boot(1, Interleavings.RR);
        makeLed((dev, attr, page) -> 0, null, 0444);
        fixture.run(() -> {
            equal(list(""), "block bus class devices kernel module power");
            equal(list("/class"), "leds mem misc net");
            equal(list("/class/leds"), "led0");
            equal(list("/class/leds/led0"), "brightness dev");
            equal(list("/class/none"), "none");
            equal(list("/class/leds/none"), "none");
            equal(list("/module"), "dimmer");
            equal(list("/module/dimmer"), "parameters");
            equal(list("/module/dimmer/parameters"), "colour level");
            equal(list("/module/none"), "none");
            equal(list("/firmware"), "none");
            equal(files().open("/sys/class/leds", Fcntl.O_WRONLY), -Errno.EISDIR);
            int directory = files().open("/sys/class/leds", Fcntl.O_RDONLY);
            equal(read(directory, 1), Errno.message(Errno.EISDIR));
            files().close(directory);
            equal(files().open("/sys/class/leds/led0/none", Fcntl.O_RDONLY), -Errno.ENOENT);
            equal(files().open("/sys/class/leds/led0/brightness/more", Fcntl.O_RDONLY), -Errno.ENOTDIR);
            equal(files().sysfs().find("/class/leds/led0/brightness"), new Sysfs.Node("brightness", false, 0444));
        });
    }

    @Test
    void whatCannotBeShownOrStoredIsNotOpened() {
        boot(1, Interleavings.RR);
        makeLed(null, (dev, attr, text, count) -> -Errno.EIO, 0644);
        fixture.run(() -> {
            equal(read(LED + "brightness"), "Permission denied");
            equal(write(LED + "brightness", "1"), -Errno.EIO);
            equal(write(LED + "dev", "1:2"), -Errno.EACCES);
        });
    }

    @Test
    void anOpenFileOfARemovedAttributeHasNoDevice() {
        boot(1, Interleavings.RR);
        makeLed((dev, attr, page) -> kernel().sysfsEmit(page, "on\n"), (dev, attr, text, count) -> count, 0644);
        fixture.run(() -> {
            int file = files().open(LED + "brightness", Fcntl.O_RDWR);
            int number = files().open(LED + "dev", Fcntl.O_RDONLY);
            kernel().deviceRemoveFile(device, attribute);
            equal(files().read(file, buffer, 10), -Errno.ENODEV);
            equal(files().write(file, buffer, 10), -Errno.ENODEV);
            equal(read(LED + "brightness"), "No such file or directory");
            equal(read(number, 10), "42:7\n");
            kernel().deviceDestroy(cls, Kdev.MKDEV(42, 7));
            files().lseek(number, 0, Fcntl.SEEK_SET);
            equal(files().read(number, buffer, 10), -Errno.ENODEV);
            kernel().classDestroy(cls);
            files().closeAll();
        });
    }

    /** The device is freed and poisoned only after the callback has returned. */
    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void aRemovalWaitsForTheCallbacksThatRun(Interleavings policy) {
        boot(2, policy);
        String[] order = {""};
        makeLed((dev, attr, page) -> {
            order[0] += "begins ";
            kernel().msleep(2);
            check(kernel().devGetDrvdata(dev) == 5, "the device is gone");
            order[0] += "ends ";
            return kernel().sysfsEmit(page, "on\n");
        }, null, 0444);
        fixture.run(List.of(
                Job.on(0, () -> equal(read(LED + "brightness"), "on\n")),
                Job.on(1, () -> {
                    while (order[0].isEmpty()) {
                        kernel().msleep(1);
                    }
                    kernel().deviceUnregister(device);
                    order[0] += "gone";
                })));
        assertThat(order[0]).isEqualTo("begins ends gone");
    }

    /** Files are opened and read while the device comes and goes: none finds memory that was freed. */
    @ParameterizedTest
    @EnumSource(Interleavings.class)
    void devicesComeAndGoWhileTheirFilesAreRead(Interleavings policy) {
        boot(3, policy);
        makeLed((dev, attr, page) -> kernel().sysfsEmit(page, kernel().devGetDrvdata(dev) + "\n"), null, 0444);
        Body reads = () -> {
            for (int i = 0; i < 100; i++) {
                String text = read(LED + "brightness");
                check(text.equals("5\n") || text.startsWith("No such"), text);
            }
        };
        fixture.run(List.of(Job.on(0, reads), Job.on(1, reads), Job.on(2, () -> {
            for (int i = 0; i < 60; i++) {
                kernel().deviceUnregister(device);
                device = kernel().deviceCreate(cls, 0, Kdev.MKDEV(42, 7), 5, "led0");
                equal(kernel().deviceCreateFile(device, attribute), 0);
            }
        })));
    }

    @Test
    void nothingIsLeftOfADevice() {
        boot(1, Interleavings.RR);
        makeLed((dev, attr, page) -> kernel().sysfsEmit(page, "on\n"), null, 0444);
        Body body = () -> {
            kernel().deviceUnregister(device);
            device = kernel().deviceCreate(cls, 0, Kdev.MKDEV(42, 7), 5, "led0");
            equal(kernel().deviceCreateFile(device, attribute), 0);
            equal(read(LED + "brightness"), "on\n");
            equal(write(LED + "brightness", "x"), -Errno.EACCES);
        };
        fixture.run(body);
        String before = fixture.accounting();
        fixture.run(body);
        assertThat(fixture.accounting()).isEqualTo(before);
    }

    // ---- parameters ----

    @Test
    void aParameterIsReadAndSetAtRunTime() {
        boot(1, Interleavings.RR);
        String parameters = "/sys/module/dimmer/parameters/";
        fixture.run(() -> {
            equal(read(parameters + "level"), "3\n");
            equal(read(parameters + "colour"), "blue\n");
            equal(write(parameters + "level", "7\n"), 2);
            equal(read(parameters + "level"), "7\n");
            equal(write(parameters + "level", "8"), 1);
            equal(write(parameters + "level", "bright\n"), -Errno.EINVAL);
            equal(write(parameters + "level", "9\n"), -Errno.EBUSY);
            equal(read(parameters + "level"), "8\n");
            equal(write(parameters + "colour", "green\n"), -Errno.EACCES);
            equal(read(parameters + "none"), "No such file or directory");
        });
        assertThat(taken).containsExactly("7", "8", "9");
        assertThat(fixture.log).anySatisfy(line -> assertThat(line).contains("dimmer: level: 'bright' is no digit"));
        fixture.reattach();
        fixture.run(() -> equal(read(parameters + "level"), "8\n"));
    }
}
