package ferrite.book.base;

import ferrite.kernel.driver.DriverParameters;
import ferrite.kernel.driver.Parameter;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/** Parameters of drivers that are numbers: {@code module_param(scull_quantum, int, S_IRUGO)} (LDD3 pages 35-37). */
public final class Numbers {

    private static final String DECIMAL = "-?[0-9]{1,9}";
    private static final String HEXADECIMAL = "0x[0-9a-fA-F]{1,8}";
    private static final int HEX = 16;

    private Numbers() { }

    /** Declares a parameter with a value from {@code least} to {@code most}. */
    public static Parameter parameter(String name, int value, String help, int least, int most) {
        return new Parameter(name, Integer.toString(value), help, check(least, most));
    }

    /** Declares a parameter that users may also set in {@code /sys/module} while the driver is loaded. */
    public static Parameter parameter(String name, int value, String help, int least, int most,
            ToIntFunction<String> set) {
        return new Parameter(name, Integer.toString(value), help, check(least, most), set);
    }

    private static Consumer<String> check(int least, int most) {
        return text -> {
            if (!text.matches(DECIMAL) || Integer.parseInt(text) < least || Integer.parseInt(text) > most) {
                throw new IllegalArgumentException("'" + text + "' is no number from " + least + " to " + most);
            }
        };
    }

    /** Declares a parameter that is a physical address, in hexadecimal. */
    public static Parameter address(String name, long value, String help) {
        return new Parameter(name, "0x" + Long.toHexString(value), help, text -> {
            if (!text.matches(HEXADECIMAL)) {
                throw new IllegalArgumentException("'" + text + "' is no address such as 0x" + Long.toHexString(value));
            }
        });
    }

    /** Returns the value of a parameter. */
    public static int of(DriverParameters parameters, String name) {
        return Integer.parseInt(parameters.get(name));
    }

    /** Returns the value of a parameter that is an address. */
    public static long addressOf(DriverParameters parameters, String name) {
        return Long.parseLong(parameters.get(name).substring(2), HEX);
    }
}
