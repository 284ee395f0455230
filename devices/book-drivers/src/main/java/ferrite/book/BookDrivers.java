package ferrite.book;

import ferrite.book.bigbuf.BigbufDriver;
import ferrite.book.faulty.FaultyDriver;
import ferrite.book.jit.JiqDriver;
import ferrite.book.jit.JitDriver;
import ferrite.book.sbull.SbullDriver;
import ferrite.book.scull.ScullDriver;
import ferrite.book.scullc.ScullcDriver;
import ferrite.book.sculld.SculldDriver;
import ferrite.book.scullp.ScullpDriver;
import ferrite.book.scullv.ScullvDriver;
import ferrite.book.shortint.ShortDriver;
import ferrite.book.simple.SimpleDriver;
import ferrite.book.sleepy.SleepyDriver;
import ferrite.book.snull.SnullDriver;
import ferrite.kernel.driver.Driver;
import java.util.List;

/** The drivers of <i>Linux Device Drivers</i>, which {@code insmod NAME} loads. None is loaded at boot. */
public final class BookDrivers {

    private static final List<String> NAMES = List.of("scull", "faulty", "sleepy", "jit", "jiq", "scullc", "scullp",
            "scullv", "bigbuf", "short", "sculld", "simple", "sbull", "snull");

    private BookDrivers() { }

    /** The names of all drivers, in the order of the book. */
    public static List<String> names() {
        return NAMES;
    }

    /** Makes a driver by its name, for one machine. Returns null if there is no driver of this name. */
    public static Driver create(String name) {
        return switch (name) {
            case "scull" -> new ScullDriver();
            case "faulty" -> new FaultyDriver();
            case "sleepy" -> new SleepyDriver();
            case "jit" -> new JitDriver();
            case "jiq" -> new JiqDriver();
            case "scullc" -> new ScullcDriver();
            case "scullp" -> new ScullpDriver();
            case "scullv" -> new ScullvDriver();
            case "bigbuf" -> new BigbufDriver();
            case "short" -> new ShortDriver();
            case "sculld" -> new SculldDriver();
            case "simple" -> new SimpleDriver();
            case "sbull" -> new SbullDriver();
            case "snull" -> new SnullDriver();
            default -> null;
        };
    }
}
