package ferrite.board.options;

import ferrite.book.BookDrivers;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.Parameter;
import ferrite.peripherals.console.ConsoleDriver;
import ferrite.peripherals.copier.CopierDriver;
import ferrite.peripherals.disk.DiskDriver;
import ferrite.peripherals.finisher.FinisherDriver;
import ferrite.peripherals.hostfs.HostfsDriver;
import ferrite.peripherals.nic.NicDriver;
import ferrite.peripherals.rtc.RtcDriver;
import ferrite.peripherals.sound.SoundDriver;
import ferrite.peripherals.uart.UartDriver;
import ferrite.peripherals.virtio.VirtioMmioDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The drivers that are linked into every board's kernel. */
public final class BuiltInDrivers {

    /** The word after a driver's name that leaves its devices to other drivers. */
    private static final String DRIVER = ".driver";
    private static final String NONE = "none";
    /** The drivers that the machine can do without. */
    private static final List<String> REPLACEABLE = List.of("uart", "disk", "copier", "sound", "rtc", "nic",
            "virtio-mmio");

    private BuiltInDrivers() { }

    /** Creates the drivers of one machine, in the order in which they probe. */
    public static List<Driver> create() {
        return new ArrayList<>(List.of(new FinisherDriver(), new ConsoleDriver(), new UartDriver(), new DiskDriver(),
                new CopierDriver(), new SoundDriver(), new RtcDriver(), new HostfsDriver(), new NicDriver(),
                new VirtioMmioDriver()));
    }

    /** Creates the drivers of one machine, and after them those of the book that are linked in too. */
    public static List<Driver> create(List<String> linked) {
        List<Driver> drivers = create();
        linked.forEach(name -> drivers.add(BookDrivers.create(name)));
        return drivers;
    }

    /**
     * Checks {@code DRIVER.PARAMETER} and its value against the parameters that the drivers declare. {@code
     * DRIVER.driver=none} leaves the driver's devices to others.
     *
     * @param linked the drivers of the book that are linked in
     * @throws IllegalArgumentException with a sentence
     */
    public static void checkParameter(String name, String value, List<String> linked) {
        List<String> known = new ArrayList<>();
        if (name.endsWith(DRIVER)) {
            checkReplaceable(name, value);
            return;
        }
        for (Driver driver : create(linked)) {
            for (Parameter parameter : driver.parameters()) {
                String full = driver.name() + "." + parameter.name();
                known.add(full);
                if (full.equals(name)) {
                    requireOneWord(full, value);
                    parameter.check().accept(value);
                    return;
                }
            }
        }
        throw new IllegalArgumentException("no driver has a parameter " + name
                + "; there is " + String.join(", ", known) + ", and disk.driver=none");
    }

    private static void checkReplaceable(String name, String value) {
        if (!value.equals(NONE) || !REPLACEABLE.contains(name.substring(0, name.length() - DRIVER.length()))) {
            throw new IllegalArgumentException("a device can be left to a driver of your own by "
                    + REPLACEABLE.stream().map(driver -> driver + DRIVER + "=" + NONE)
                            .collect(Collectors.joining(", ")));
        }
    }

    /** A parameter travels on the kernel's command line, where a blank would end it. */
    private static void requireOneWord(String name, String value) {
        if (value.codePoints().anyMatch(c -> Character.isWhitespace(c) || Character.isISOControl(c))) {
            throw new IllegalArgumentException(name + "=" + value
                    + ": a value has no blanks, for example disk.gfp=GFP_KERNEL|GFP_DMA");
        }
    }
}
