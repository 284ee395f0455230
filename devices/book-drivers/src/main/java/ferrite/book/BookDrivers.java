package ferrite.book;

import ferrite.book.scull.ScullDriver;
import ferrite.kernel.driver.Driver;
import java.util.List;

/** The drivers of <i>Linux Device Drivers</i> that {@code insmod NAME} loads. None is loaded at boot. */
public final class BookDrivers {

    private static final List<String> NAMES = List.of("scull");

    private BookDrivers() { }

    /** The names of all drivers, in the order of the book. */
    public static List<String> names() {
        return NAMES;
    }

    /** Returns the name of a driver's class; null if there is no driver of this name. */
    public static String className(String name) {
        return switch (name) {
            case "scull" -> ScullDriver.class.getName();
            default -> null;
        };
    }

    /** Makes one driver of each kind, for those that ask for their names and records. */
    public static List<Driver> create() {
        return List.of(new ScullDriver());
    }
}
